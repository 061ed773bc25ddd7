// State: what the well-behaved clients met, and how Headroom itself fared meanwhile.
import { readFileSync } from 'node:fs';
import { Worker } from 'node:worker_threads';
import type { HeadroomProcess } from '../support/headroom-process.ts';
import { memoryAtMostBytes, sampleAtMostMs } from './bounds.ts';
import type { Tally } from './tally.ts';

/** A client that asks for its paths in turn. */
export interface WatchedClient {
  readonly name: string;
  readonly paths: readonly string[];
  readonly everyMs: number;
  readonly keepAlive: boolean;
  readonly headers: Readonly<Record<string, string>>;
  readonly cert?: string;
  readonly key?: string;
  /** Statuses that are no finding beside 200. */
  readonly alsoFine: readonly number[];
  /** In which time each answer must come. */
  readonly withinMs: number;
}

/** One request of such a client; `machine` reports how late timers were. */
export interface WatchReport {
  readonly client: string;
  readonly path: string;
  /** 0: there was no answer. */
  readonly status: number;
  readonly tookMs: number;
  /** Of each node in the answer. */
  readonly sampleAges: Readonly<Record<string, number>> | undefined;
}

export interface ClientFigures {
  readonly client: string;
  readonly requests: number;
  readonly statuses: ReadonlyMap<number, number>;
  readonly p50Ms: number;
  readonly p99Ms: number;
  readonly maxMs: number;
}

const lookEveryMs = 1_000;
const latenessMarginMs = 2_000;
/** No request is waited for longer, its margin included. */
const longestMs = 60_000;

export interface WatcherDeps {
  readonly headroom: HeadroomProcess;
  readonly clients: readonly WatchedClient[];
  /** Nodes whose samples must stay fresh. */
  readonly goodNodes: readonly string[];
  readonly tally: Tally;
  /** Headroom has ended by itself. */
  readonly onCrash: () => void;
}

export class Watcher {
  readonly #deps: WatcherDeps;
  readonly #worker: Worker;
  readonly #ended: Promise<void>;
  readonly #timer: NodeJS.Timeout;
  readonly #reports = new Map<string, WatchReport[]>();
  #phase = '';
  #oldestSampleMs = 0;
  #linesSeen = 0;
  #lateness: { readonly atMs: number; readonly tookMs: number }[] = [];

  constructor(deps: WatcherDeps) {
    this.#deps = deps;
    const workerData = { clients: deps.clients, port: deps.headroom.port };
    this.#worker = new Worker(new URL('watch-thread.ts', import.meta.url), { workerData });
    this.#worker.on('message', (report: WatchReport) => this.#take(report));
    this.#ended = new Promise((resolve, reject) => {
      this.#worker.once('exit', () => resolve());
      this.#worker.once('error', reject);
    });
    this.#timer = setInterval(() => this.#look(), lookEveryMs);
  }

  /** Figures are kept apart by phase. */
  begin(phase: string): void {
    this.#phase = phase;
  }

  async stop(): Promise<void> {
    clearInterval(this.#timer);
    this.#worker.postMessage('stop', []);
    await this.#ended;
    this.#look();
  }

  get oldestSampleMs(): number {
    return this.#oldestSampleMs;
  }

  /** The most that was resident, and what is now; bytes. */
  memory(): { readonly peakBytes: number; readonly nowBytes: number } {
    const status = readFileSync(`/proc/${this.#deps.headroom.pid}/status`, 'utf8');
    const bytes = (field: string): number =>
      Number(new RegExp(`^${field}:\\s+(\\d+) kB$`, 'm').exec(status)?.[1]) * 1024;
    return { peakBytes: bytes('VmHWM'), nowBytes: bytes('VmRSS') };
  }

  figures(phase: string): readonly ClientFigures[] {
    return ['machine', ...this.#deps.clients.map(({ name }) => name)].map((client) =>
      figuresOf(client, this.#reports.get(`${phase}/${client}`) ?? []),
    );
  }

  #take(report: WatchReport): void {
    const { clients, tally, goodNodes } = this.#deps;
    const key = `${this.#phase}/${report.client}`;
    const known = this.#reports.get(key);
    if (known === undefined) this.#reports.set(key, [report]);
    else known.push(report);
    if (report.client === 'machine') this.#lateness.push({ atMs: Date.now(), tookMs: report.tookMs });
    const client = clients.find(({ name }) => name === report.client);
    if (client === undefined) return;
    const kind = `well-behaved client: ${client.name}`;
    if (report.status === 0) tally.find(kind, `no answer to ${report.path}`);
    else if (report.status !== 200 && !client.alsoFine.includes(report.status))
      tally.find(kind, `${report.status} to ${report.path}`);
    const latenessMs = this.#latenessMs(report.tookMs);
    if (report.tookMs > client.withinMs + 2 * latenessMs) {
      tally.find(
        kind,
        `${report.path} took longer than ${client.withinMs} ms, and timers were late by ${latenessMs.toFixed(0)} ms at most`,
      );
    }
    if (report.sampleAges === undefined) return;
    for (const node of goodNodes) {
      const ageMs = report.sampleAges[node] ?? Number.POSITIVE_INFINITY;
      this.#oldestSampleMs = Math.max(this.#oldestSampleMs, ageMs);
      if (ageMs > sampleAtMostMs) tally.find('good nodes', `samples older than ${sampleAtMostMs} ms`);
    }
  }

  /** How late the machine was at its worst during the last so many milliseconds, and a little before. */
  #latenessMs(duringMs: number): number {
    const since = Date.now() - duringMs - latenessMarginMs;
    this.#lateness = this.#lateness.filter(({ atMs }) => atMs >= Date.now() - longestMs);
    return Math.max(0, ...this.#lateness.filter(({ atMs }) => atMs >= since).map(({ tookMs }) => tookMs));
  }

  #look(): void {
    const { headroom, tally, onCrash } = this.#deps;
    if (headroom.exited !== undefined) {
      tally.find('Headroom', `ended: ${JSON.stringify(headroom.exited)}`);
      onCrash();
      return;
    }
    if (this.memory().peakBytes > memoryAtMostBytes)
      tally.find('Headroom', `memory beyond ${memoryAtMostBytes / 1024 / 1024} MiB`);
    const lines = headroom.log();
    for (const line of lines.slice(this.#linesSeen)) {
      // A line that is no JSON was written by Node itself.
      if (line.level === 'error' || line.level === '')
        tally.find('log of Headroom', JSON.stringify(line).slice(0, 500));
    }
    this.#linesSeen = lines.length;
  }
}

function figuresOf(client: string, reports: readonly WatchReport[]): ClientFigures {
  const sorted = reports.map(({ tookMs }) => tookMs).toSorted((one, other) => one - other);
  const at = (share: number): number => sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? 0;
  const statuses = new Map<number, number>();
  for (const { status } of reports) statuses.set(status, (statuses.get(status) ?? 0) + 1);
  return { client, requests: reports.length, statuses, p50Ms: at(0.5), p99Ms: at(0.99), maxMs: at(1) };
}
