// `npm run parity:metrics`: metrics-server and Headroom on one control plane, reading the same kubelets; whatever they answer differently is
// reported. docs/parity.md says how to read the result. Exit 1: something differs that is not intended.
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
  const report = await run({ options, signal: stop, progress });
  if (options.out !== undefined) {
    await mkdir(dirname(options.out), { recursive: true });
    await writeFile(options.out, `${JSON.stringify(report, undefined, 1)}\n`);
  }
  process.stdout.write(renderReport(report));
  progress('done');
  if (report.different > 0) process.exitCode = 1;
}

await main();
