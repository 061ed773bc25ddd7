// Runs commands as named steps, shows how long each took, and ends them all on Ctrl-C or when a step finds no end.
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';

export interface Step {
  readonly name: string;
  readonly command: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  /** A step that takes longer is broken: it is ended and counts as failed. Default 10 minutes. */
  readonly limitMs?: number;
}

const defaultLimitMs = 10 * 60_000;
/** What a child that was told to end may take to clean up. */
const graceMs = 15_000;

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
  const child = start(step, 'inherit');
  const outcome = await end(step, child);
  console.log(`== ${step.name}: ${outcome ?? 'ok'} after ${seconds(startedAtMs)}`);
  return outcome === undefined;
}

/** Runs a step and keeps its output, for checks that only speak when something is wrong. */
export async function checkStep(step: Step): Promise<boolean> {
  const startedAtMs = Date.now();
  const child = start(step, 'pipe');
  const chunks: Buffer[] = [];
  child.stdout?.on('data', (chunk: Buffer) => chunks.push(chunk));
  child.stderr?.on('data', (chunk: Buffer) => chunks.push(chunk));
  const outcome = await end(step, child);
  console.log(`${outcome === undefined ? 'ok    ' : 'FAILED'} ${step.name} (${seconds(startedAtMs)})`);
  if (outcome !== undefined) console.log(`${Buffer.concat(chunks).toString()}\n${outcome}`);
  return outcome === undefined;
}

function start({ command, env }: Step, output: 'inherit' | 'pipe'): ChildProcess {
  const [file = '', ...args] = command;
  const child = spawn(file, args, { stdio: ['ignore', output, output], env: { ...process.env, ...env } });
  running.add(child);
  return child;
}

/** undefined when the step ended with 0, else what went wrong. */
async function end({ limitMs = defaultLimitMs }: Step, child: ChildProcess): Promise<string | undefined> {
  let isOverdue = false;
  const limit = setTimeout(() => {
    isOverdue = true;
    child.kill('SIGTERM');
    setTimeout(() => child.kill('SIGKILL'), graceMs).unref();
  }, limitMs);
  const [code, signal] = (await once(child, 'close')) as [number | null, string | null];
  clearTimeout(limit);
  running.delete(child);
  if (isOverdue) return `FAILED (no end after ${limitMs / 60_000} minutes)`;
  return code === 0 ? undefined : `FAILED (${code === null ? `by ${signal}` : `exit ${code}`})`;
}

function seconds(startedAtMs: number): string {
  return `${((Date.now() - startedAtMs) / 1000).toFixed(1)} s`;
}
