// Edge: starts the load generator and takes its figures.
import { fileURLToPath } from 'node:url';
import { runCommand } from '../test/cluster/processes.ts';
import type { LoadTarget } from './load-connection.ts';
import type { Summary } from './statistics.ts';

const program = fileURLToPath(new URL('load-process.ts', import.meta.url));

export interface LoadJob extends LoadTarget {
  /** Whose processor time is counted. */
  readonly serverPid: number;
  /** Asked in turn. */
  readonly paths: readonly string[];
  /** Asked once by every connection before anything is measured. */
  readonly warmUpPath: string;
  readonly connections: number;
  /** How long to ask; ignored where `requests` says how often. */
  readonly durationMs: number;
  readonly requests?: number;
  /** Before each request; for one connection. */
  readonly pauseMs?: number;
}

export interface LoadResult {
  /** Measured time: of pauses only the first seconds, in which the server clears up behind an answer. */
  readonly seconds: number;
  /** What the server used in that time, for whatever purpose. */
  readonly serverCpuSeconds: number;
  /** Status code -> how many answers had it; 200 is left out. */
  readonly failures: Readonly<Record<string, number>>;
  /** Of one answer, on average. */
  readonly bodyBytes: number;
  readonly perSecond: number;
  /** From the request to the last byte of its answer. */
  readonly latencyMs: Summary;
}

/** Throws when the generator fails or any answer is not 200: figures of errors are no figures. */
export async function runLoad(job: LoadJob, signal: AbortSignal): Promise<LoadResult> {
  const answer = await runCommand([process.execPath, program], { input: JSON.stringify(job), signal });
  signal.throwIfAborted();
  if (answer.code !== 0) throw new Error(`the load generator failed: ${answer.stderr.trim()}`);
  const result = JSON.parse(answer.stdout) as LoadResult;
  const failures = Object.entries(result.failures).map(([status, count]) => `${count} times ${status}`);
  if (failures.length > 0) {
    throw new Error(`of ${result.latencyMs.count} answers not all were 200: ${failures.join(', ')}; ${job.paths[0]}`);
  }
  return result;
}
