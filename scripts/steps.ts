// Runs commands as named steps, shows how long each took, and ends them all on Ctrl-C.
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';

export interface Step {
  readonly name: string;
  readonly command: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
}

const running = new Set<ChildProcess>();

/** Ends the children when this process is told to end; they get the same signal and the time to clean up. */
export function forwardSignals(): void {
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.on(signal, () => {
      process.exitCode = 130;
      for (const child of running) child.kill(signal);
    });
  }
}

/** Runs a step with its output shown as it comes. Resolves to whether it ended with 0. */
export async function runStep(step: Step): Promise<boolean> {
  console.log(`\n== ${step.name}`);
  const startedAtMs = Date.now();
  const [file = '', ...args] = step.command;
  const child = spawn(file, args, { stdio: 'inherit', env: { ...process.env, ...step.env } });
  running.add(child);
  const [code] = (await once(child, 'exit')) as [number | null];
  running.delete(child);
  console.log(`== ${step.name}: ${code === 0 ? 'ok' : `FAILED (exit ${code})`} after ${seconds(startedAtMs)}`);
  return code === 0;
}

/** Runs a step and keeps its output, for checks that only speak when something is wrong. */
export async function checkStep(step: Step): Promise<boolean> {
  const startedAtMs = Date.now();
  const [file = '', ...args] = step.command;
  const child = spawn(file, args, { stdio: ['ignore', 'pipe', 'pipe'], env: { ...process.env, ...step.env } });
  running.add(child);
  const chunks: Buffer[] = [];
  child.stdout.on('data', (chunk: Buffer) => chunks.push(chunk));
  child.stderr.on('data', (chunk: Buffer) => chunks.push(chunk));
  const [code] = (await once(child, 'close')) as [number | null];
  running.delete(child);
  console.log(`${code === 0 ? 'ok    ' : 'FAILED'} ${step.name} (${seconds(startedAtMs)})`);
  if (code !== 0) console.log(Buffer.concat(chunks).toString());
  return code === 0;
}

function seconds(startedAtMs: number): string {
  return `${((Date.now() - startedAtMs) / 1000).toFixed(1)} s`;
}
