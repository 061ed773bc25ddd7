// Flow: what happens in the world -> keys in the queue.
import { isDeepStrictEqual } from 'node:util';
import type { Autoscaler } from '../crd/types.ts';
import type { ScaleCache } from '../kube/scale-cache.ts';
import type { ChangeKind } from '../kube/types.ts';
import type { WorkQueue } from '../kube/work-queue.ts';
import type { Clock } from '../lib/clock.ts';
import { newPodReading } from '../metrics/pod-reading.ts';
import type { MetricsReader, PodName } from '../metrics/types.ts';
import { autoscalerKey } from './autoscaler-key.ts';
import { type HistoryStore, withChangeOfStatus } from './history-store.ts';
import type { LatestAutoscalers } from './latest-autoscalers.ts';
import type { Looks } from './look.ts';
import type { Schedule } from './schedule.ts';
import type { SelectedPods } from './selected-pods.ts';
import { type TargetName, type TargetRegistry, targetOf } from './target-registry.ts';
import type { AutoscalerSource } from './types.ts';
import type { UsageLimits } from './usage-limits.ts';
import type { WriteTurns } from './write-turns.ts';

export interface TriggerDeps {
  readonly clock: Clock;
  readonly sources: readonly AutoscalerSource[];
  readonly metrics: Pick<MetricsReader, 'onSamples' | 'readPodUsage'>;
  readonly scaleChanges: Pick<ScaleCache, 'onChange'>;
  readonly queue: Pick<WorkQueue, 'add' | 'addAfter' | 'forget'>;
  readonly schedule: Schedule;
  readonly selectedPods: SelectedPods;
  readonly targets: TargetRegistry;
  readonly limits: UsageLimits;
  readonly histories: HistoryStore;
  readonly latest: LatestAutoscalers;
  readonly turns: Pick<WriteTurns, 'isInLine'>;
  readonly looks: Looks;
}

export class Triggers {
  readonly #deps: TriggerDeps;
  readonly #reading = newPodReading();

  constructor(deps: TriggerDeps) {
    this.#deps = deps;
  }

  /** Queues every autoscaler that is known, and from now on what changes. Returns a function that ends it. */
  subscribe(): () => void {
    const { sources, metrics, scaleChanges } = this.#deps;
    const ends = [
      ...sources.map((source) =>
        source.onChange((change, object, previous) => this.#changed(change, object, previous)),
      ),
      metrics.onSamples((node, pods) => this.#sampled(node, pods)),
      scaleChanges.onChange((_change, target) => this.#targetChanged(target)),
    ];
    const all = sources.flatMap((source) => [...source.list()]);
    // All targets are known before the first look: it may have to refuse one.
    for (const autoscaler of all) {
      this.#register(autoscaler);
      this.#learn(autoscaler, undefined);
    }
    for (const autoscaler of all) this.#sync(autoscaler);
    return () => {
      for (const end of ends) end();
    };
  }

  /** We may write what we did not before, or no longer: we began to lead, or the owner of native HPAs changed. Looks at all, or forgets that they select pods. */
  rightsChanged(): void {
    const { latest, looks } = this.#deps;
    for (const autoscaler of latest.list()) {
      if (looks.isWatched(autoscaler)) {
        this.#learn(autoscaler, undefined);
        this.#sync(autoscaler);
      } else looks.leave(autoscalerKey(autoscaler));
    }
  }

  #changed(change: ChangeKind, autoscaler: Autoscaler, previous: Autoscaler | undefined): void {
    if (change === 'deleted') {
      this.#forget(autoscaler);
      return;
    }
    const isOther = previous?.uid !== autoscaler.uid;
    if (previous !== undefined && isOther) this.#forget(previous);
    // There is nothing to learn from a watch that lags behind what we wrote ourselves.
    if (this.#deps.latest.get(autoscalerKey(autoscaler)) === autoscaler) {
      this.#learn(autoscaler, isOther ? undefined : previous);
    }
    // Labels, annotations or the status: nothing to decide on.
    if (!isOther && isDeepStrictEqual(previous.spec, autoscaler.spec)) return;
    const rivals = previous === undefined ? [] : this.#deps.targets.on(targetOf(previous));
    const before = [...rivals];
    this.#register(autoscaler);
    this.#sync(autoscaler);
    // Whoever shares the target it had or has may be refused from now on, or no more.
    for (const other of [...before, ...this.#deps.targets.on(targetOf(autoscaler))]) this.#sync(other);
  }

  #register(autoscaler: Autoscaler): void {
    if (!this.#deps.looks.isCanary(autoscaler)) this.#deps.targets.set(autoscaler);
  }

  /** A whole sync, as soon as possible. */
  #sync(autoscaler: Autoscaler): void {
    const { clock, looks, queue, schedule } = this.#deps;
    if (!looks.isWatched(autoscaler)) return;
    const key = autoscalerKey(autoscaler);
    schedule.makeDue(key, clock.monotonic());
    queue.add(key);
  }

  #forget(autoscaler: Autoscaler): void {
    const { queue, targets, looks } = this.#deps;
    const key = autoscalerKey(autoscaler);
    looks.forget(key);
    queue.forget(key);
    for (const other of targets.on(targetOf(autoscaler))) this.#sync(other);
  }

  /** What another process did to the target: a follower must know it when it takes over, and whoever starts. */
  #learn(autoscaler: Autoscaler, previous: Autoscaler | undefined): void {
    const { histories, looks } = this.#deps;
    if (!looks.isWatched(autoscaler)) return;
    const key = autoscalerKey(autoscaler);
    const known = histories.get(key, autoscaler.uid);
    const learnt = withChangeOfStatus(known, autoscaler, previous);
    if (learnt !== undefined && learnt !== known) histories.set(key, learnt);
  }

  /** Nearly no sample changes anything, which is found out here for next to nothing. */
  #sampled(node: string, sampled: readonly PodName[]): void {
    const { clock, limits, metrics, selectedPods } = this.#deps;
    let worthALook: Set<string> | undefined;
    for (const { pod, keys } of selectedPods.among(node, sampled, clock.monotonic())) {
      const used = metrics.readPodUsage(pod, this.#reading) ? this.#reading : undefined;
      if (used !== undefined && keys.length === 1 && limits.isNoNews(pod, used)) continue;
      for (const key of keys) if (limits.isWorthALook(key, pod.name, used)) (worthALook ??= new Set()).add(key);
    }
    for (const key of worthALook ?? []) if (this.#mayLook(key)) this.#lookSoon(key);
  }

  /** Who stands in line to write is looked at when its turn comes. */
  #mayLook(key: string): boolean {
    const { looks, turns } = this.#deps;
    return !turns.isInLine(key) && looks.restsOnSamples(key) && this.#needsSamplesOnly(key);
  }

  /** A look at an autoscaler with other metrics asks their server, who need not be able to answer whenever some kubelet was scraped. */
  #needsSamplesOnly(key: string): boolean {
    const metrics = this.#deps.latest.get(key)?.spec.metrics ?? [];
    return metrics.every(({ type }) => type === 'Resource' || type === 'ContainerResource');
  }

  #targetChanged(target: TargetName): void {
    for (const autoscaler of this.#deps.targets.on(target)) {
      if (this.#deps.looks.isWatched(autoscaler)) this.#lookSoon(autoscalerKey(autoscaler));
    }
  }

  #lookSoon(key: string): void {
    const { clock, queue, schedule } = this.#deps;
    queue.addAfter(key, schedule.untilLookMs(key, clock.monotonic()));
  }
}
