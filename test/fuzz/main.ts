// `npm run fuzz`: what strangers and broken kubelets can send, for ten minutes, at one real Headroom that others go on using.
// docs/security.md says what came of it. Exit 1: something happened that should not.
import { runLongCommand } from '../support/long-run.ts';
import { parseOptions, usage } from './options.ts';
import { renderReport } from './report.ts';
import { run } from './run.ts';

await runLongCommand({
  name: 'npm run fuzz',
  usage,
  parseOptions,
  run: async (options, tools) => {
    const report = await run({ options, ...tools });
    process.stdout.write(renderReport(report));
    return report.tally.findings.length === 0;
  },
});
