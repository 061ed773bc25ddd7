// Edge: child processes that cannot outlive the process that started them.
import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { closeSync, openSync, readFileSync } from 'node:fs';
import { Socket } from 'node:net';
import { errorCode } from './errno.ts';

/*
 * A guarded process leads a process group of its own. Beside it, in the same group, waits a shell that reads from a pipe
 * whose other end only we hold:
 *
 *     this process --pipe--> watchdog shell    (end of file: kill -KILL the whole group)
 *                            the command       (its pid is the group's id)
 *
 * However this process ends, kill -9 included, the kernel closes the pipe and the watchdog ends the group. The command
 * replaces the shell that started the watchdog, so its pid is the one we know.
 */
const GUARD_SCRIPT = '{ read -r _; kill -KILL 0; } <&3 >/dev/null 2>&1 & exec "$@" 3<&-';

export interface ProcessExit {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

export interface GuardedOptions {
  /** A file that takes stdout and stderr, appended to. */
  readonly logPath: string;
  readonly env?: NodeJS.ProcessEnv;
  readonly cwd?: string;
  /** Whether the child keeps this process's event loop alive; by default it does not. */
  readonly keepAlive?: boolean;
}

/** A running command; see `spawnGuarded`. */
export class GuardedProcess {
  readonly pid: number;
  readonly exit: Promise<ProcessExit>;
  readonly #child: ChildProcess;
  #exited: ProcessExit | undefined;

  constructor(child: ChildProcess, pid: number) {
    this.pid = pid;
    this.#child = child;
    const leash = leashOf(child);
    leash.on('error', () => undefined); // the watchdog died with its group: nothing to hold any more
    this.exit = new Promise((resolve) => {
      child.once('exit', (code, signal) => {
        this.#exited = { code, signal };
        leash.destroy();
        resolve(this.#exited);
      });
    });
  }

  /** How it ended, or undefined while it runs. */
  get exited(): ProcessExit | undefined {
    return this.#exited;
  }

  /** Sends a signal to the command only. */
  kill(signal: NodeJS.Signals): void {
    if (this.#exited === undefined) {
      killQuietly(this.pid, signal);
    }
  }

  /** Asks it to end, and kills its whole group after the grace period. Resolves when it has ended. */
  async stop(graceMs: number): Promise<void> {
    if (this.#exited !== undefined) {
      return;
    }
    this.#child.ref();
    this.kill('SIGTERM');
    const timer = setTimeout(() => killQuietly(-this.pid, 'SIGKILL'), graceMs);
    await this.exit;
    clearTimeout(timer);
  }
}

/** Starts `command` (argv) in a process group of its own that ends when this process does. */
export async function spawnGuarded(command: readonly string[], options: GuardedOptions): Promise<GuardedProcess> {
  const log = openSync(options.logPath, 'a', 0o600);
  try {
    const child = spawn('/bin/sh', ['-c', GUARD_SCRIPT, 'guard', ...command], {
      detached: true,
      stdio: ['ignore', log, log, 'pipe'],
      env: options.env ?? process.env,
      ...(options.cwd !== undefined && { cwd: options.cwd }),
    });
    await new Promise<void>((resolve, reject) => {
      child.once('spawn', resolve);
      child.once('error', reject);
    });
    if (child.pid === undefined) {
      throw new Error(`BUG: ${command[0]} has no pid`);
    }
    if (options.keepAlive !== true) {
      child.unref();
      leashOf(child).unref();
    }
    return new GuardedProcess(child, child.pid);
  } finally {
    closeSync(log);
  }
}

/** Our end of the pipe that the watchdog reads. */
function leashOf(child: ChildProcess): Socket {
  const leash = child.stdio[3];
  if (!(leash instanceof Socket)) {
    throw new TypeError('BUG: a guarded process was started without its pipe');
  }
  return leash;
}

export interface CommandOptions {
  /** Text for its stdin; without it stdin is empty. */
  readonly input?: string;
  readonly env?: NodeJS.ProcessEnv;
  readonly cwd?: string;
  readonly signal?: AbortSignal;
}

export interface CommandResult {
  readonly stdout: string;
  readonly stderr: string;
  /** The exit code; 128 + n when signal n ended it is not told apart from other failures: it is -1. */
  readonly code: number;
}

/** Runs a command to its end. A non-zero exit is a result, not an error; only a command that cannot be started throws. */
export function runCommand(command: readonly string[], options: CommandOptions = {}): Promise<CommandResult> {
  return new Promise((resolve, reject) => {
    const child = spawn(command[0] ?? '', command.slice(1), {
      stdio: ['pipe', 'pipe', 'pipe'],
      env: options.env ?? process.env,
      ...(options.cwd !== undefined && { cwd: options.cwd }),
    });
    const output = { stdout: '', stderr: '' };
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      output.stdout += text;
    });
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      output.stderr += text;
    });
    child.once('error', reject);
    child.once('close', (code) => {
      options.signal?.removeEventListener('abort', abort);
      resolve({ ...output, code: code ?? -1 });
    });
    const abort = (): void => {
      child.kill('SIGKILL');
    };
    options.signal?.addEventListener('abort', abort, { once: true });
    if (options.signal?.aborted) {
      abort();
    }
    child.stdin.on('error', () => undefined); // it ended without reading its input: its exit code tells
    child.stdin.end(options.input ?? '');
  });
}

/** Sends a signal; a process (or, for a negative id, group) that is gone is no error. */
export function killQuietly(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch (error) {
    if (errorCode(error) !== 'ESRCH') {
      throw error;
    }
  }
}

/** A process as it can be found again: pids are reused, a pid together with its start time is not. */
export interface ProcessIdentity {
  readonly pid: number;
  /** Opaque; equal for the same process only. */
  readonly startedAt: string;
}

/** Who has this pid now; undefined when nobody has, or only a zombie. */
export function identifyProcess(pid: number): ProcessIdentity | undefined {
  const startedAt = process.platform === 'linux' ? startTicks(pid) : startDate(pid);
  return startedAt === undefined ? undefined : { pid, startedAt };
}

/** Reads back what was stored as JSON; undefined when it is not an identity. */
export function parseIdentity(json: string): ProcessIdentity | undefined {
  const value: unknown = JSON.parse(json);
  const isObject = typeof value === 'object' && value !== null && 'pid' in value && 'startedAt' in value;
  return isObject && typeof value.pid === 'number' && typeof value.startedAt === 'string'
    ? { pid: value.pid, startedAt: value.startedAt }
    : undefined;
}

export function isRunning(identity: ProcessIdentity): boolean {
  return identifyProcess(identity.pid)?.startedAt === identity.startedAt;
}

// proc(5): after the command's name in parentheses, which may itself hold spaces, comes the state as field 3; field 22
// is the start time in clock ticks since boot.
function startTicks(pid: number): string | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    return fields[0] === 'Z' ? undefined : fields[22 - 3];
  } catch {
    return undefined;
  }
}

function startDate(pid: number): string | undefined {
  try {
    return execFileSync('ps', ['-o', 'lstart=', '-p', String(pid)], { encoding: 'utf8' }).trim() || undefined;
  } catch {
    return undefined;
  }
}

/** The last `count` lines of a log file; empty when there is none. */
export function lastLines(path: string, count: number): string {
  try {
    return readFileSync(path, 'utf8').trimEnd().split('\n').slice(-count).join('\n');
  } catch {
    return '';
  }
}
