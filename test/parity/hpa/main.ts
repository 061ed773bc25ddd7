// `npm run parity:hpa`: kube-controller-manager and metrics-server on one control plane, Headroom on another, the same kubelets, workloads
// and HPAs on both; whatever differs is reported. docs/parity.md says how to read the result. Exit 1: something differs that is not intended,
// or could not be compared.
import { mkdir, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { runLongCommand } from '../../support/long-run.ts';
import { parseOptions, usage } from './options.ts';
import { renderReport } from './report.ts';
import { run } from './run.ts';

await runLongCommand({
  name: 'npm run parity:hpa',
  usage,
  parseOptions,
  run: async (options, tools) => {
    const { out } = options;
    if (out !== undefined) await mkdir(dirname(out), { recursive: true });
    const keepLog = async (side: string, text: string): Promise<void> => {
      if (out !== undefined) await writeFile(`${out}.${side}.log`, text);
    };
    const report = await run({ options, ...tools, keepLog });
    if (out !== undefined) await writeFile(out, `${JSON.stringify(report, undefined, 1)}\n`);
    process.stdout.write(renderReport(report));
    tools.progress('done');
    // What did not come to rest was not compared, which is no better.
    return report.different + report.unsettled === 0 && report.compared > 0;
  },
});
