// `npm run parity:hpa`: kube-controller-manager and metrics-server on one control plane, Headroom on another, the same kubelets, workloads
// and HPAs on both; whatever differs is reported. docs/parity.md says how to read the result. Exit 1: something differs that is not intended,
// or could not be compared.
import { mkdir, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { startProgress, stopSignal } from '../../support/long-run.ts';
import { parseOptions, usage } from './options.ts';
import { renderReport } from './report.ts';
import { run } from './run.ts';

const stop = stopSignal();
const progress = startProgress();

async function main(): Promise<void> {
  const options = parseOptions(process.argv.slice(2));
  if (options === 'help') {
    process.stdout.write(usage);
    return;
  }
  const { out } = options;
  if (out !== undefined) await mkdir(dirname(out), { recursive: true });
  const keepLog = async (side: string, text: string): Promise<void> => {
    if (out !== undefined) await writeFile(`${out}.${side}.log`, text);
  };
  const report = await run({ options, signal: stop, progress, keepLog });
  if (out !== undefined) await writeFile(out, `${JSON.stringify(report, undefined, 1)}\n`);
  process.stdout.write(renderReport(report));
  progress('done');
  // What did not come to rest was not compared, which is no better.
  if (report.different + report.unsettled > 0 || report.compared === 0) process.exitCode = 1;
}

await main();
