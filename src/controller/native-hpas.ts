// Flow: who scales native HPAs? Two controllers on one HPA would undo each other's work, so in `auto` reality is asked: a canary HPA, whose target does
// not exist, is left alone. kube-controller-manager's HPA controller, when it is alive, writes the status of every HPA, and so gives itself away: by the
// canary at the latest, and by whichever HPA it writes first. docs/autoscaling.md 6.
import type { Autoscaler } from '../crd/types.ts';
import type { ApiClient } from '../kube/types.ts';
import type { Clock } from '../lib/clock.ts';
import { errorMessage, HeadroomError } from '../lib/errors.ts';
import type { LogFields, Logger } from '../lib/logger.ts';
import { objectKey } from '../lib/object-key.ts';
import { Canary, canaryName } from './canary.ts';
import { type NativeHpasOwner, NativeOwnership } from './native-ownership.ts';
import { newForeignWriters } from './status-writers.ts';
import type { AutoscalerSource } from './types.ts';

export type NativeHpasMode = 'auto' | 'always' | 'never';

export interface NativeHpasDeps {
  readonly mode: NativeHpasMode;
  /** Our own namespace, where the canary lives. */
  readonly namespace: string;
  readonly syncPeriodMs: number;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly api: ApiClient;
  readonly hpas: AutoscalerSource;
  /** Only the leader makes and removes the canary; followers watch it too, so that a failover asks no questions. */
  isLeader(): boolean;
  /** A number in [0, 1), for jitter. */
  readonly random?: () => number;
}

export interface NativeHpas {
  readonly owner: NativeHpasOwner;
  isCanary(autoscaler: Pick<Autoscaler, 'kind' | 'namespace' | 'name'>): boolean;
  /** Watches the canary until the signal aborts, then removes it. `onOwner` is called when the owner has changed. */
  run(signal: AbortSignal, onOwner: (owner: NativeHpasOwner) => void): Promise<void>;
}

const removeDeadlineMs = 5_000;
/** So often in a sync period the canary is looked at while it is asked. */
const readsPerPeriod = 3;

export function createNativeHpas(deps: NativeHpasDeps): NativeHpas {
  return deps.mode === 'auto' ? new CanaryWatch(deps) : fixedOwner(deps.mode === 'always' ? 'ours' : 'theirs');
}

function fixedOwner(owner: NativeHpasOwner): NativeHpas {
  return { owner, isCanary: () => false, run: () => Promise.resolve() };
}

class CanaryWatch implements NativeHpas {
  readonly #deps: NativeHpasDeps;
  readonly #canary: Canary;
  readonly #ownership: NativeOwnership;
  /** What was last reported. */
  #reported: NativeHpasOwner = 'unknown';
  #onOwner: (owner: NativeHpasOwner) => void = () => undefined;
  /** The canary that this process made; undefined for none. A written one from before may tell of times past. */
  #madeUid: string | undefined;
  /** The canary that was replaced last; the cache may still hold it. */
  #replacedUid: string | undefined;
  /** What fails -> as what it was reported. */
  readonly #problems = new Map<string, string>();

  constructor(deps: NativeHpasDeps) {
    this.#deps = deps;
    this.#canary = new Canary(deps.api, deps.namespace);
    this.#ownership = new NativeOwnership({ syncPeriodMs: deps.syncPeriodMs, random: deps.random ?? Math.random });
  }

  get owner(): NativeHpasOwner {
    return this.#ownership.owner;
  }

  isCanary({ kind, namespace, name }: Pick<Autoscaler, 'kind' | 'namespace' | 'name'>): boolean {
    return kind === 'HorizontalPodAutoscaler' && namespace === this.#deps.namespace && name === canaryName;
  }

  async run(signal: AbortSignal, onOwner: (owner: NativeHpasOwner) => void): Promise<void> {
    const { clock, hpas, syncPeriodMs } = this.#deps;
    this.#onOwner = onOwner;
    const unsubscribe = hpas.onChange((change, hpa, previous) => {
      if (change !== 'deleted') this.#changed(hpa, previous);
    });
    while (!signal.aborted) {
      await this.#tend(signal);
      await clock.sleep(syncPeriodMs / readsPerPeriod, signal);
    }
    unsubscribe();
    await this.#remove();
  }

  get #cached(): Autoscaler | undefined {
    return this.#deps.hpas.get(objectKey(this.#deps.namespace, canaryName));
  }

  #changed(hpa: Autoscaler, previous: Autoscaler | undefined): void {
    // A new list brings everything once more.
    if (hpa.resourceVersion === previous?.resourceVersion) return;
    if (this.isCanary(hpa)) {
      if (this.#isAnswer(hpa)) this.#othersSeen({ hpa: objectKey(hpa.namespace, hpa.name), by: hpa.statusWriters });
      return;
    }
    const by = newForeignWriters(hpa, previous);
    if (by.length > 0) this.#othersSeen({ hpa: objectKey(hpa.namespace, hpa.name), by });
  }

  /** A written canary that nobody here saw unwritten may tell of times past: whoever leads replaces it, and whoever does not believes the leader. */
  #isAnswer(canary: Autoscaler): boolean {
    if (!isWritten(canary)) return false;
    return !this.#deps.isLeader() || canary.uid === this.#madeUid || this.#ownership.hasSeenSilent(canary.uid);
  }

  #othersSeen(evidence: LogFields): void {
    this.#ownership.othersSeen(this.#deps.clock.monotonic());
    this.#report(evidence);
  }

  async #tend(signal: AbortSignal): Promise<void> {
    const canary = this.#cached;
    const isOpen = this.owner !== 'ours' && canary !== undefined && !isWritten(canary);
    if (isOpen) await this.#try('canary HPA not read', this.#ask(signal), signal);
    // Written before we came.
    else if (this.owner === 'unknown' && canary !== undefined) this.#changed(canary, undefined);
    if (this.#deps.isLeader()) await this.#try('canary HPA not made', this.#renew(signal), signal);
  }

  /** Reads the canary from the API server: a watch that says nothing may be broken, and silence counts only while the API server answers. */
  async #ask(signal: AbortSignal): Promise<void> {
    const { clock, hpas, namespace, syncPeriodMs } = this.#deps;
    const askedAtMs = clock.monotonic();
    const canary = await this.#canary.read(syncPeriodMs, signal).catch((error: unknown) => {
      this.#ownership.notHeard();
      throw error;
    });
    if (canary !== undefined && isWritten(canary)) {
      this.#changed(canary, undefined);
      return;
    }
    this.#ownership.canaryRead(canary?.uid, askedAtMs, hpas.size);
    this.#report({ canary: objectKey(namespace, canaryName) });
  }

  /** Makes a canary when there is none, and a new one when it is time to ask again or when what it says is of old. */
  async #renew(signal: AbortSignal): Promise<void> {
    const canary = this.#cached;
    if (canary !== undefined) {
      if (!isWritten(canary) || canary.uid === this.#replacedUid) return;
      if (this.#isAnswer(canary) && !this.#ownership.isTimeToAsk(this.#deps.clock.monotonic())) return;
      await this.#canary.delete(canary.uid, signal);
      this.#replacedUid = canary.uid;
    }
    this.#madeUid = (await this.#canary.make(signal)) ?? this.#madeUid;
  }

  /** What fails is reported once per problem: it is met again every few seconds. Of an API server that does not answer its client tells. */
  async #try(what: string, work: Promise<void>, signal: AbortSignal): Promise<void> {
    try {
      await work;
      this.#problems.delete(what);
    } catch (error) {
      const problem = errorMessage(error);
      const isTold = error instanceof HeadroomError && error.code === 'API_REQUEST_FAILED';
      if (signal.aborted || isTold || problem === this.#problems.get(what)) return;
      this.#problems.set(what, problem);
      const advice =
        'until it can be, native HPAs are treated as before; --native-hpas=always or never needs no canary';
      this.#deps.logger.warn(what, { problem, advice });
    }
  }

  async #remove(): Promise<void> {
    const { clock, logger } = this.#deps;
    const cachedUid = this.#deps.isLeader() ? this.#cached?.uid : undefined;
    try {
      for (const uid of new Set([this.#madeUid, cachedUid])) {
        if (uid !== undefined) await this.#canary.delete(uid, clock.deadline(removeDeadlineMs));
      }
    } catch (error) {
      logger.warn('canary HPA not removed', { problem: errorMessage(error) });
    }
  }

  #report(evidence: LogFields): void {
    const { owner } = this;
    if (owner === this.#reported) return;
    this.#reported = owner;
    const says =
      owner === 'theirs'
        ? 'native HPAs are left alone: somebody else writes their status'
        : 'native HPAs are scaled by Headroom: nobody else writes their status';
    this.#deps.logger.info(says, evidence);
    this.#onOwner(owner);
  }
}

function isWritten({ status }: Autoscaler): boolean {
  return status.conditions.length > 0;
}
