// Flow: leader election by a coordination.k8s.io/v1 Lease, by the rules of client-go's tools/leaderelection.
import type { Clock } from '../lib/clock.ts';
import type { Logger } from '../lib/logger.ts';
import { LeaseLock, type LeaseRecord } from './lease-lock.ts';
import type { KubeMonitor } from './monitor.ts';
import type { ApiClient } from './types.ts';

export interface LeaderElectorOptions {
  readonly client: ApiClient;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly monitor?: KubeMonitor | undefined;
  readonly namespace: string;
  readonly name: string;
  /** Who we are; no two processes may have the same. */
  readonly identity: string;
  /** Others wait this long after the last renewal that they saw. Default 15 s. */
  readonly leaseDurationMs?: number;
  /** A leader that could not renew for this long stops leading. Default 10 s. */
  readonly renewDeadlineMs?: number;
  /** Between tries. Default 2 s. */
  readonly retryPeriodMs?: number;
  /** A number in [0, 1), for jitter. */
  readonly random?: () => number;
  /** Runs while we lead; must end soon after its signal aborts. */
  readonly onStartedLeading: (signal: AbortSignal) => Promise<void>;
  /** After every time of leading, when onStartedLeading has ended. */
  readonly onStoppedLeading?: () => void;
}

/** Tries of those who wait are spread over up to so much more than the retry period. */
const jitterFactor = 1.2;

/**
 * No clock but our own is believed: a lease is valid for its duration since we last saw it change. So two processes lead at once only if
 * one of them runs for longer than lease duration minus renew deadline without noticing that time passed.
 */
export class LeaderElector {
  readonly #options: LeaderElectorOptions;
  readonly #leaseDurationMs: number;
  readonly #renewDeadlineMs: number;
  readonly #retryPeriodMs: number;
  readonly #lock: LeaseLock;
  /** The record last seen or written, and when, on our clock. */
  #observed: { readonly record: LeaseRecord; readonly atMs: number } | undefined;
  #reportedLeader = '';
  #leading = false;

  constructor(options: LeaderElectorOptions) {
    this.#options = options;
    this.#leaseDurationMs = options.leaseDurationMs ?? 15_000;
    this.#renewDeadlineMs = options.renewDeadlineMs ?? 10_000;
    this.#retryPeriodMs = options.retryPeriodMs ?? 2_000;
    const { client, namespace, name } = options;
    this.#lock = new LeaseLock({ client, namespace, name, deadlineMs: this.#renewDeadlineMs / 2 });
    options.monitor?.leading(name, false);
  }

  /** We hold the lease and act as leader. Not any more when it ran out unnoticed: the process stood still, and the timers come after us. */
  get isLeader(): boolean {
    return this.#leading && this.#isValid(this.#options.clock.monotonic());
  }

  /** Waits for the lease, leads, and after losing it waits again; until the signal aborts, and then gives the lease up. */
  async run(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      if (await this.#acquire(signal)) await this.#lead(signal);
    }
  }

  async #acquire(signal: AbortSignal): Promise<boolean> {
    const { clock, random = Math.random } = this.#options;
    while (!signal.aborted) {
      const acquired = await this.#tryAcquireOrRenew(signal);
      this.#reportLeader();
      if (acquired) return true;
      await clock.sleep(this.#retryPeriodMs * (1 + jitterFactor * random()), signal);
    }
    return false;
  }

  async #lead(signal: AbortSignal): Promise<void> {
    const { logger, name, clock, onStartedLeading, onStoppedLeading } = this.#options;
    const stop = new AbortController();
    this.#setLeading(true);
    const work = onStartedLeading(AbortSignal.any([signal, stop.signal])).catch((error: unknown) => {
      logger.error('BUG: the work of the leader threw', { lease: name, error });
    });
    const lost = await this.#renew(signal);
    if (lost) logger.warn('lost the lease', { lease: name });
    stop.abort();
    this.#setLeading(false);
    // Whoever holds the lease next must find our writes finished; a work that hangs keeps nobody from it.
    const waited = new AbortController();
    await Promise.race([work, clock.sleep(this.#renewDeadlineMs, waited.signal)]);
    waited.abort();
    onStoppedLeading?.();
    if (!lost) await this.#release();
  }

  /** Renews until that fails for the renew deadline (true: the lease is lost) or the signal aborts (false). */
  async #renew(signal: AbortSignal): Promise<boolean> {
    const { clock } = this.#options;
    let renewedAtMs = clock.monotonic();
    for (;;) {
      await clock.sleep(this.#retryPeriodMs, signal);
      if (signal.aborted) return false;
      const triedAtMs = clock.monotonic();
      // The deadline counts from the first try that fails, as in client-go.
      const deadline = clock.deadline(
        Math.max(0, renewedAtMs + this.#retryPeriodMs + this.#renewDeadlineMs - triedAtMs),
        signal,
      );
      const renewed = await this.#tryAcquireOrRenew(deadline);
      this.#reportLeader();
      if (signal.aborted) return false;
      if (renewed) renewedAtMs = triedAtMs;
      else if (this.#isHeldByOther()) return true;
      else if (clock.monotonic() - renewedAtMs >= this.#retryPeriodMs + this.#renewDeadlineMs) return true;
    }
  }

  async #tryAcquireOrRenew(signal: AbortSignal): Promise<boolean> {
    const { clock, logger, name, identity } = this.#options;
    const nowMs = clock.monotonic();
    try {
      // The leader believes that nobody changed the lease, which saves a request; the resourceVersion tells if somebody did.
      if (this.#holdsLease() && this.#isValid(nowMs) && (await this.#writeOwn(nowMs, signal))) return true;
      const record = await this.#lock.read(signal);
      if (record !== undefined) this.#see(record);
      if (record !== undefined && record.holder !== '' && record.holder !== identity && this.#isValid(nowMs))
        return false;
      return await this.#writeOwn(nowMs, signal);
    } catch (error) {
      if (!signal.aborted) logger.debug('trying for the lease failed', { lease: name, error });
      return false;
    }
  }

  /** Writes us as the holder; false when somebody else was faster. */
  async #writeOwn(nowMs: number, signal: AbortSignal): Promise<boolean> {
    const { clock, identity } = this.#options;
    const wallMs = clock.now();
    const last = this.#observed?.record;
    const record: LeaseRecord = {
      holder: identity,
      durationSeconds: Math.round(this.#leaseDurationMs / 1000),
      acquiredAtMs: last !== undefined && last.holder === identity ? last.acquiredAtMs : wallMs,
      renewedAtMs: wallMs,
      transitions: last === undefined ? 0 : last.transitions + (last.holder === identity ? 0 : 1),
    };
    if (!(await this.#lock.write(record, signal))) return false;
    this.#observed = { record, atMs: nowMs };
    return true;
  }

  #see(record: LeaseRecord): void {
    if (this.#observed !== undefined && JSON.stringify(this.#observed.record) === JSON.stringify(record)) return;
    this.#observed = { record, atMs: this.#options.clock.monotonic() };
  }

  #isValid(nowMs: number): boolean {
    return this.#observed !== undefined && this.#observed.atMs + this.#observed.record.durationSeconds * 1000 > nowMs;
  }

  #holdsLease(): boolean {
    return this.#observed?.record.holder === this.#options.identity;
  }

  #isHeldByOther(): boolean {
    const holder = this.#observed?.record.holder ?? '';
    return holder !== '' && holder !== this.#options.identity;
  }

  async #release(): Promise<void> {
    const { clock, logger, name, identity } = this.#options;
    const signal = clock.deadline(this.#renewDeadlineMs);
    try {
      const record = await this.#lock.read(signal);
      if (record?.holder !== identity) return;
      const wallMs = clock.now();
      const released = { ...record, holder: '', durationSeconds: 1, acquiredAtMs: wallMs, renewedAtMs: wallMs };
      if (await this.#lock.write(released, signal)) logger.info('released the lease', { lease: name });
      this.#observed = undefined;
    } catch (error) {
      logger.warn('releasing the lease failed', { lease: name, error });
    }
  }

  #setLeading(leading: boolean): void {
    this.#leading = leading;
    this.#options.monitor?.leading(this.#options.name, leading);
  }

  #reportLeader(): void {
    const holder = this.#observed?.record.holder ?? '';
    if (holder === this.#reportedLeader) return;
    this.#reportedLeader = holder;
    const { logger, name, identity } = this.#options;
    if (holder === identity) logger.info('leads', { lease: name, identity });
    else if (holder !== '') logger.info('another process leads', { lease: name, leader: holder, identity });
  }
}
