// `npm run parity:metrics`: metrics-server and Headroom on one control plane, reading the same kubelets; whatever they answer differently is
// reported. docs/parity.md says how to read the result. Exit 1: something differs that is not intended.
import { mkdir, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { runLongCommand } from '../../support/long-run.ts';
import { parseOptions, usage } from './options.ts';
import { renderReport } from './report.ts';
import { run } from './run.ts';

await runLongCommand({
  name: 'npm run parity:metrics',
  usage,
  parseOptions,
  run: async (options, tools) => {
    const report = await run({ options, ...tools });
    if (options.out !== undefined) {
      await mkdir(dirname(options.out), { recursive: true });
      await writeFile(options.out, `${JSON.stringify(report, undefined, 1)}\n`);
    }
    process.stdout.write(renderReport(report));
    tools.progress('done');
    return report.different === 0;
  },
});
