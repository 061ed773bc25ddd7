// Edge: Headroom as a process of its own, seen from outside: flags in; log lines, answers and an exit code out.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { files } from '../cluster/components.ts';
import type { ControlPlane } from '../cluster/control-plane.ts';
import { reservePorts } from '../cluster/ports.ts';
import { type ProbeAnswer, type ProbeOptions, probe } from '../cluster/probe.ts';
import { type GuardedProcess, type ProcessExit, spawnGuarded } from '../cluster/processes.ts';
import { until } from './until.ts';

const program = fileURLToPath(new URL('../../src/main.ts', import.meta.url));
const pollMs = 50;
const startTimeoutMs = 60_000;
/** The grace that a pod gets. */
const stopTimeoutMs = 30_000;
let started = 0;

export interface HeadroomOptions {
  /** Given after the fixture's own, so that they win. */
  readonly flags?: readonly string[];
  readonly env?: NodeJS.ProcessEnv;
  /** Whose token it uses; default that of config/. */
  readonly serviceAccount?: { readonly namespace: string; readonly name: string };
  /** Instead of one for a token of that ServiceAccount, which only an API server that answers can give. */
  readonly kubeconfigPath?: string;
  /** Where it serves; default a free port, which no APIService leads to. */
  readonly port?: number;
  /** Put before the command, to run it in a real node's network. */
  readonly commandPrefix?: readonly string[];
  /** Where the port is reached from here; anything but loopback makes it listen on every address. */
  readonly address?: string;
}

/** The argv of Headroom with these flags and no others. */
export function headroomCommand(flags: readonly string[]): readonly string[] {
  return [process.execPath, program, ...flags];
}

/** One line of the log. Text that is not JSON is a message without a level. */
export interface LogLine {
  readonly level: string;
  readonly message: string;
  readonly [field: string]: unknown;
}

/** A message, a pattern in it, or any question about the line. */
export type LogMatch = string | RegExp | ((line: LogLine) => boolean);

export interface HeadroomProcess extends AsyncDisposable {
  readonly pid: number;
  readonly port: number;
  /** Its name in the Lease. */
  readonly identity: string;
  /** All lines so far. */
  log(): readonly LogLine[];
  /** The lines so far that match. */
  logged(match: LogMatch): readonly LogLine[];
  /** Waits for a line that matches, from the beginning of the log on. */
  waitFor(match: LogMatch, timeoutMs?: number): Promise<LogLine>;
  /** One GET of its own port; undefined when nothing answers. */
  get(path: string, options?: ProbeOptions): Promise<ProbeAnswer | undefined>;
  /** The value of one series of /metrics, such as `headroom_controller_owns_native_hpas`. */
  selfMetric(series: string): Promise<number | undefined>;
  /** Resident memory, now. */
  rssBytes(): number;
  /** How it ended, or undefined while it runs. */
  readonly exited: ProcessExit | undefined;
  signal(signal: NodeJS.Signals): void;
  /** Sends the signal and waits for the end, which must come within a pod's grace period. */
  stop(signal?: NodeJS.Signals): Promise<ProcessExit>;
}

/**
 * Starts `node src/main.ts` with the token of the ServiceAccount of config/. Resolves when it answers on its port, which is
 * before it has usage to serve; rejects, with the log, when it ends instead.
 */
export async function startHeadroom(
  controlPlane: ControlPlane,
  options: HeadroomOptions = {},
): Promise<HeadroomProcess> {
  const headroom = await spawnHeadroom(controlPlane, options);
  try {
    await until(
      async () => headroom.exited !== undefined || (await headroom.get('/livez'))?.status !== undefined,
      startTimeoutMs,
      pollMs,
    );
    if (headroom.exited !== undefined) {
      throw new Error(`Headroom ended while it started, exit code ${headroom.exited.code}`);
    }
  } catch (error) {
    await headroom[Symbol.asyncDispose]();
    throw new Error(`${String(error)}. Its log:\n${describe(headroom.log())}`, { cause: error });
  }
  return headroom;
}

/** Starts it and waits for nothing. */
export async function spawnHeadroom(
  controlPlane: ControlPlane,
  options: HeadroomOptions = {},
): Promise<HeadroomProcess> {
  started += 1;
  const identity = `headroom-${started}`;
  const kubeconfigPath = options.kubeconfigPath ?? (await headroomKubeconfig(controlPlane, options.serviceAccount));
  const reserved = options.port === undefined ? await reservePorts(1) : undefined;
  const port = options.port ?? reserved?.ports[0] ?? 0;
  const address = options.address ?? '127.0.0.1';
  const logPath = join(controlPlane.dir, `${identity}.log`);
  const ownFlags = [
    `--kubeconfig=${kubeconfigPath}`,
    `--bind-address=${address === '127.0.0.1' ? address : '0.0.0.0'}`,
    `--secure-port=${port}`,
    `--cert-dir=${join(controlPlane.dir, `${identity}-certificates`)}`,
    `--kubelet-certificate-authority=${join(controlPlane.dir, files.clusterCa)}`,
    '--kubelet-use-node-status-port',
    '--kubelet-service-account=headroom-kubelets',
    '--kubelet-preferred-address-types=InternalIP',
    '--metric-resolution=10s',
    '--kubelet-request-timeout=8s',
    '--horizontal-pod-autoscaler-sync-period=2s',
    '--logging-format=json',
    '-v=4',
  ];
  const command = [...(options.commandPrefix ?? []), ...headroomCommand([...ownFlags, ...(options.flags ?? [])])];
  const env = { ...process.env, POD_NAMESPACE: 'headroom-system', POD_NAME: identity, ...options.env };
  const child = await spawnGuarded(command, { logPath, env });
  return new RunningHeadroom(child, { controlPlane, identity, address, port, logPath, release: reserved?.release });
}

/** A kubeconfig with a token of a ServiceAccount; default that of config/. */
export async function headroomKubeconfig(
  controlPlane: ControlPlane,
  { namespace, name }: NonNullable<HeadroomOptions['serviceAccount']> = {
    namespace: 'headroom-system',
    name: 'headroom',
  },
): Promise<string> {
  return controlPlane.kubeconfigForToken(await controlPlane.serviceAccountToken(namespace, name));
}

interface Place {
  readonly controlPlane: ControlPlane;
  readonly identity: string;
  readonly address: string;
  readonly port: number;
  readonly logPath: string;
  readonly release: (() => Promise<void>) | undefined;
}

class RunningHeadroom implements HeadroomProcess {
  readonly #child: GuardedProcess;
  readonly #place: Place;

  constructor(child: GuardedProcess, place: Place) {
    this.#child = child;
    this.#place = place;
  }

  get pid(): number {
    return this.#child.pid;
  }

  get port(): number {
    return this.#place.port;
  }

  get identity(): string {
    return this.#place.identity;
  }

  get exited(): ProcessExit | undefined {
    return this.#child.exited;
  }

  log(): readonly LogLine[] {
    // A line is complete when it has its newline.
    const lines = readFileSync(this.#place.logPath, 'utf8').split('\n').slice(0, -1);
    return lines.filter((line) => line !== '').map(parseLine);
  }

  logged(match: LogMatch): readonly LogLine[] {
    return this.log().filter((line) => matches(match, line));
  }

  async waitFor(match: LogMatch, timeoutMs: number = 60_000): Promise<LogLine> {
    try {
      return await until(() => this.logged(match)[0], timeoutMs, pollMs);
    } catch (error) {
      throw new Error(`no line of the log is ${String(match)} within ${timeoutMs} ms:\n${describe(this.log())}`, {
        cause: error,
      });
    }
  }

  get(path: string, options: ProbeOptions = {}): Promise<ProbeAnswer | undefined> {
    return probe(`https://${this.#place.address}:${this.port}${path}`, options);
  }

  async selfMetric(series: string): Promise<number | undefined> {
    const { certificatePem: cert, keyPem: key } = this.#place.controlPlane.credentials.admin;
    const answer = await this.get('/metrics', { cert, key });
    if (answer?.status !== 200) return undefined;
    const line = answer.body.split('\n').find((each) => each.startsWith(`${series} `));
    return line === undefined ? undefined : Number(line.slice(series.length + 1));
  }

  rssBytes(): number {
    const status = readFileSync(`/proc/${this.pid}/status`, 'utf8');
    return Number(/^VmRSS:\s+(\d+) kB$/m.exec(status)?.[1]) * 1024;
  }

  signal(signal: NodeJS.Signals): void {
    this.#child.kill(signal);
  }

  async stop(signal: NodeJS.Signals = 'SIGTERM'): Promise<ProcessExit> {
    this.#child.kill(signal);
    const exit = await until(() => this.#child.exited, stopTimeoutMs, pollMs);
    await this.#place.release?.();
    return exit;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#child.stop(stopTimeoutMs);
    await this.#place.release?.();
  }
}

function parseLine(text: string): LogLine {
  try {
    return JSON.parse(text) as LogLine;
  } catch {
    return { level: '', message: text };
  }
}

function matches(match: LogMatch, line: LogLine): boolean {
  if (typeof match === 'function') return match(line);
  return typeof match === 'string' ? line.message === match : match.test(line.message);
}

/** The lines that people would look at first. */
function describe(log: readonly LogLine[]): string {
  const shown = log.filter(({ level }) => level !== 'debug').slice(-30);
  return shown.map((line) => JSON.stringify(line)).join('\n');
}
