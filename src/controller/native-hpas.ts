// Flow: who scales native HPAs? Two controllers on one HPA would undo each other's work, so in `auto` reality is asked: a canary HPA, whose target does
// not exist, is left alone. kube-controller-manager's HPA controller, when it is alive, writes the status of every HPA within a sync period, and so
// gives itself away.

import { autoscalerPath } from '../crd/resources.ts';
import type { Autoscaler } from '../crd/types.ts';
import { isAlreadyExists, isNotFound } from '../kube/api-status-error.ts';
import type { ApiClient } from '../kube/types.ts';
import type { Clock } from '../lib/clock.ts';
import { errorMessage } from '../lib/errors.ts';
import type { Logger } from '../lib/logger.ts';
import { objectKey } from '../lib/object-key.ts';
import type { AutoscalerSource } from './types.ts';

export type NativeHpasMode = 'auto' | 'always' | 'never';

/** `unknown`: the canary has not been watched for long enough; nothing native is written until it has. */
export type NativeHpasOwner = 'ours' | 'theirs' | 'unknown';

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
}

export interface NativeHpas {
  readonly owner: NativeHpasOwner;
  isCanary(autoscaler: Pick<Autoscaler, 'kind' | 'namespace' | 'name'>): boolean;
  /** Watches the canary until the signal aborts, then removes it. `onOwner` is called when the owner has changed. */
  run(signal: AbortSignal, onOwner: (owner: NativeHpasOwner) => void): Promise<void>;
}

const canaryName = 'headroom-canary';
/** A canary whose status nobody wrote for so many sync periods has no other controller. */
const lookPeriods = 3;
/** When somebody else owns HPAs, after how many sync periods a new canary asks whether that is still so: five minutes, as a rule. */
const askAgainPeriods = 20;
const removeDeadlineMs = 5_000;

export function createNativeHpas(deps: NativeHpasDeps): NativeHpas {
  return deps.mode === 'auto' ? new CanaryWatch(deps) : fixedOwner(deps.mode === 'always' ? 'ours' : 'theirs');
}

function fixedOwner(owner: NativeHpasOwner): NativeHpas {
  return { owner, isCanary: () => false, run: () => Promise.resolve() };
}

class CanaryWatch implements NativeHpas {
  readonly #deps: NativeHpasDeps;
  #owner: NativeHpasOwner = 'unknown';
  /** The canary that is watched, and since when. */
  #seen: { readonly uid: string; readonly sinceMs: number } | undefined;
  /** When `theirs` was last found. */
  #foundAtMs = 0;
  /** The canary that this process made; '' for none. A written one from before may tell of times past. */
  #madeUid = '';
  #problem: string | undefined;

  constructor(deps: NativeHpasDeps) {
    this.#deps = deps;
  }

  get owner(): NativeHpasOwner {
    return this.#owner;
  }

  isCanary({ kind, namespace, name }: Pick<Autoscaler, 'kind' | 'namespace' | 'name'>): boolean {
    return kind === 'HorizontalPodAutoscaler' && namespace === this.#deps.namespace && name === canaryName;
  }

  async run(signal: AbortSignal, onOwner: (owner: NativeHpasOwner) => void): Promise<void> {
    const { clock, hpas, syncPeriodMs } = this.#deps;
    const unsubscribe = hpas.onChange((_change, hpa) => {
      if (this.isCanary(hpa)) this.#look(onOwner);
    });
    while (!signal.aborted) {
      this.#look(onOwner);
      await this.#tend(signal);
      await clock.sleep(syncPeriodMs / 3, signal);
    }
    unsubscribe();
    await this.#remove();
  }

  #canary(): Autoscaler | undefined {
    return this.#deps.hpas.get(objectKey(this.#deps.namespace, canaryName));
  }

  /** Draws the conclusion from the canary as it is. Without one the last conclusion stands. */
  #look(onOwner: (owner: NativeHpasOwner) => void): void {
    const nowMs = this.#deps.clock.monotonic();
    const canary = this.#canary();
    if (canary === undefined) this.#seen = undefined;
    else if (this.#seen?.uid !== canary.uid) this.#seen = { uid: canary.uid, sinceMs: nowMs };

    const owner = canary === undefined ? this.#owner : this.#conclude(canary, nowMs);
    if (owner === this.#owner) return;
    this.#owner = owner;
    const says =
      owner === 'theirs'
        ? 'native HPAs are left alone: somebody else writes their status'
        : 'native HPAs are scaled by Headroom: nobody else writes their status';
    this.#deps.logger.info(says, { canary: `${canary?.namespace}/${canaryName}` });
    onOwner(owner);
  }

  #conclude(canary: Autoscaler, nowMs: number): NativeHpasOwner {
    if (isWritten(canary)) {
      if (this.#owner !== 'theirs') this.#foundAtMs = nowMs;
      return 'theirs';
    }
    const watchedMs = nowMs - (this.#seen?.sinceMs ?? nowMs);
    return watchedMs >= lookPeriods * this.#deps.syncPeriodMs ? 'ours' : this.#owner;
  }

  /** The leader sees to it that there is a canary, and that it does not speak of times past. */
  async #tend(signal: AbortSignal): Promise<void> {
    if (!this.#deps.isLeader()) return;
    const canary = this.#canary();
    try {
      if (canary === undefined) await this.#make(signal);
      else if (this.#isStale(canary)) await this.#replace(signal);
      this.#problem = undefined;
    } catch (error) {
      this.#report(errorMessage(error));
    }
  }

  #isStale(canary: Autoscaler): boolean {
    if (!isWritten(canary)) return false;
    return (
      canary.uid !== this.#madeUid ||
      this.#deps.clock.monotonic() - this.#foundAtMs >= askAgainPeriods * this.#deps.syncPeriodMs
    );
  }

  async #replace(signal: AbortSignal): Promise<void> {
    await this.#delete(signal);
    this.#foundAtMs = this.#deps.clock.monotonic();
    await this.#make(signal);
  }

  async #make(signal: AbortSignal): Promise<void> {
    const { api, namespace } = this.#deps;
    const path = autoscalerPath({ kind: 'HorizontalPodAutoscaler', namespace, name: '' }).slice(0, -1);
    try {
      const made = await api.request<{ metadata?: { uid?: string } }>({
        method: 'POST',
        path,
        body: manifest(namespace),
        signal,
      });
      this.#madeUid = made.metadata?.uid ?? '';
    } catch (error) {
      // The cache has not seen it yet.
      if (!isAlreadyExists(error)) throw error;
    }
  }

  async #delete(signal: AbortSignal): Promise<void> {
    const { api, namespace } = this.#deps;
    const path = autoscalerPath({ kind: 'HorizontalPodAutoscaler', namespace, name: canaryName });
    try {
      await api.request({ method: 'DELETE', path, signal });
    } catch (error) {
      if (!isNotFound(error)) throw error;
    }
  }

  async #remove(): Promise<void> {
    const { clock, logger } = this.#deps;
    if (!this.#deps.isLeader() && this.#madeUid === '') return;
    try {
      await this.#delete(clock.deadline(removeDeadlineMs));
    } catch (error) {
      logger.warn('canary HPA not removed', { problem: errorMessage(error) });
    }
  }

  /** Once per problem: it is met again every few seconds. */
  #report(problem: string): void {
    if (problem === this.#problem) return;
    this.#problem = problem;
    const advice =
      'until it can be made, native HPAs are treated as before; --native-hpas=always or never needs no canary';
    this.#deps.logger.warn('canary HPA not made', { problem, advice });
  }
}

function isWritten({ status }: Autoscaler): boolean {
  return status.conditions.length > 0;
}

function manifest(namespace: string): object {
  const note =
    'Made by Headroom to see whether another controller reconciles HorizontalPodAutoscalers: its target does not exist. Removed when Headroom stops.';
  return {
    apiVersion: 'autoscaling/v2',
    kind: 'HorizontalPodAutoscaler',
    metadata: {
      name: canaryName,
      namespace,
      labels: { 'app.kubernetes.io/name': 'headroom', 'app.kubernetes.io/component': 'canary' },
      annotations: { 'kubernetes.io/description': note },
    },
    spec: {
      scaleTargetRef: { apiVersion: 'apps/v1', kind: 'Deployment', name: 'headroom-canary-has-no-target' },
      minReplicas: 1,
      maxReplicas: 1,
    },
  };
}
