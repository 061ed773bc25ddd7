// Edge: one component of a cluster as a process that can be stopped and started again.
import { setTimeout as sleep } from 'node:timers/promises';
import { type GuardedProcess, lastLines, type ProcessExit, spawnGuarded } from './processes.ts';

const POLL_MS = 50;
const START_TIMEOUT_MS = 60_000;

// A kube-apiserver that is asked to end waits up to a minute for its clients' watches; nobody here wants to wait with it.
const STOP_GRACE_MS = 2_000;
const LOG_LINES_SHOWN = 15;

export interface ComponentSpec {
  readonly name: string;
  /** The argv. */
  readonly command: readonly string[];
  readonly logPath: string;
  readonly env?: NodeJS.ProcessEnv;
  /** Whether it does its job; asked every 50 ms while it starts. */
  readonly isReady: () => Promise<boolean>;
}

export class Component {
  readonly spec: ComponentSpec;
  #process: GuardedProcess | undefined;

  constructor(spec: ComponentSpec) {
    this.spec = spec;
  }

  /** The pid while it runs. */
  get pid(): number | undefined {
    return this.#process?.exited === undefined ? this.#process?.pid : undefined;
  }

  /** Starts the process and waits until it is ready. An error shows the end of its log. Does nothing when it runs. */
  async start(): Promise<void> {
    if (this.pid !== undefined) {
      return;
    }
    const { name, command, logPath, env, isReady } = this.spec;
    const started = await spawnGuarded(command, { logPath, ...(env !== undefined && { env }) });
    this.#process = started;
    const deadlineMs = Date.now() + START_TIMEOUT_MS;
    while (!(await isReady())) {
      if (started.exited !== undefined) {
        throw this.#failure(`${name} ended while it started (${describeExit(started.exited)})`);
      }
      if (Date.now() > deadlineMs) {
        await started.stop(0);
        throw this.#failure(`${name} was not ready within ${START_TIMEOUT_MS / 1000} s`);
      }
      await sleep(POLL_MS);
    }
  }

  /** Ends the process and waits for it; kills it after the grace period. */
  async stop(graceMs: number = STOP_GRACE_MS): Promise<void> {
    await this.#process?.stop(graceMs);
  }

  #failure(message: string): Error {
    const { logPath } = this.spec;
    return new Error(`${message}. The end of ${logPath}:\n${lastLines(logPath, LOG_LINES_SHOWN)}`);
  }
}

function describeExit({ code, signal }: ProcessExit): string {
  return signal === null ? `exit code ${code}` : `signal ${signal}`;
}
