// `npm run fuzz`: what strangers and broken kubelets can send, for ten minutes, at one real Headroom that others go on using.
// docs/security.md says what came of it. Exit 1: something happened that should not.
import { startProgress, stopSignal } from '../support/long-run.ts';
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
  process.stdout.write(renderReport(report));
  if (report.tally.findings.length > 0) process.exitCode = 1;
}

await main();
