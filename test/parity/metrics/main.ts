// `npm run parity:metrics`: metrics-server and Headroom on one control plane, reading the same kubelets; whatever they answer differently is
// reported. docs/parity.md says how to read the result. Exit 1: something differs that is not intended.
import { mkdir, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { parseOptions, usage } from './options.ts';
import { renderReport } from './report.ts';
import { run } from './run.ts';

const stop = new AbortController();
for (const name of ['SIGINT', 'SIGTERM'] as const) process.once(name, () => stop.abort(new Error('interrupted')));
const beganAtMs = Date.now();

function progress(line: string): void {
  const seconds = ((Date.now() - beganAtMs) / 1000).toFixed(0).padStart(4);
  process.stderr.write(`${seconds} s  ${line}\n`);
}

async function main(): Promise<void> {
  const options = parseOptions(process.argv.slice(2));
  if (options === 'help') {
    process.stdout.write(usage);
    return;
  }
  const report = await run({ options, signal: stop.signal, progress });
  if (options.out !== undefined) {
    await mkdir(dirname(options.out), { recursive: true });
    await writeFile(options.out, `${JSON.stringify(report, undefined, 1)}\n`);
  }
  process.stdout.write(renderReport(report));
  progress('done');
  if (report.different > 0) process.exitCode = 1;
}

await main();
