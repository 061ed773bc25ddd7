// Flow: brings each pod of the simulated nodes through its life: load model first, then the API.
import type { Clock } from '../../../src/lib/clock.ts';
import { errorMessage } from '../../../src/lib/errors.ts';
import type { Logger } from '../../../src/lib/logger.ts';
import { type SimApiClient, SimApiError } from './api-client.ts';
import type { LoadModel } from './load-model.ts';
import {
  acceptPod,
  advancePod,
  type FinalPhase,
  finishPod,
  type LifeEffect,
  nextInstant,
  type PodLife,
  restartContainers,
  setProbe,
} from './pod-lifecycle.ts';
import { type ApiPod, type LifecycleTiming, simulatedPod, timingOf } from './pod-object.ts';
import { type PodAddresses, podStatusPatch } from './pod-status.ts';
import type { PodSink } from './pod-watch.ts';

export interface PodRunnerDeps {
  readonly api: SimApiClient;
  readonly model: LoadModel;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly timing: LifecycleTiming;
  readonly signal: AbortSignal;
  /** The addresses of a pod that starts on a node. */
  addressesFor(nodeName: string): PodAddresses;
}

/** What can be asked of a running pod. */
export type PodCommand =
  | { readonly kind: 'restart'; readonly container?: string }
  | { readonly kind: 'finish'; readonly phase: FinalPhase }
  | { readonly kind: 'probe'; readonly fails: boolean };

interface Entry {
  pod: ApiPod;
  life: PodLife;
  /** The life that the API has last been told of. */
  published: PodLife | undefined;
  readonly addresses: PodAddresses;
  running: boolean;
  /** Something happened while a step was under way. */
  again: boolean;
  wake: AbortController;
  gone: boolean;
}

const retryMs = 500;

export class PodRunner implements PodSink {
  readonly #deps: PodRunnerDeps;
  readonly #entries = new Map<string, Entry>();

  constructor(deps: PodRunnerDeps) {
    this.#deps = deps;
  }

  upsert(pod: ApiPod): void {
    const known = this.#entries.get(pod.metadata.uid);
    if (known !== undefined) {
      known.pod = pod;
      this.#kick(known);
      return;
    }
    const entry = this.#accept(pod);
    this.#entries.set(pod.metadata.uid, entry);
    this.#kick(entry);
  }

  remove(uid: string): void {
    const entry = this.#entries.get(uid);
    if (entry === undefined) return;
    entry.gone = true;
    entry.wake.abort();
    this.#entries.delete(uid);
    this.#deps.model.stopPod(uid, this.#deps.clock.now());
  }

  /** Throws when no pod of the simulated nodes has the name. */
  command(namespace: string, name: string, command: PodCommand): void {
    const entry = this.#find(namespace, name);
    const { clock, model, timing } = this.#deps;
    const nowMs = clock.now();
    const { uid } = entry.pod.metadata;
    switch (command.kind) {
      case 'restart':
        entry.life = restartContainers(entry.life, command.container, timingOf(entry.pod, timing), nowMs);
        model.setReady(uid, false, nowMs);
        model.restartContainer(uid, command.container, nowMs);
        break;
      case 'finish':
        entry.life = finishPod(entry.life, command.phase, nowMs);
        if (entry.life.stage === 'finished') model.stopPod(uid, nowMs);
        break;
      case 'probe':
        entry.life = setProbe(entry.life, command.fails);
    }
    this.#kick(entry);
  }

  #find(namespace: string, name: string): Entry {
    for (const entry of this.#entries.values()) {
      if (entry.pod.metadata.name === name && entry.pod.metadata.namespace === namespace) return entry;
    }
    throw new RangeError(`no pod ${namespace}/${name} on the simulated nodes`);
  }

  #accept(pod: ApiPod): Entry {
    const { clock, model, timing } = this.#deps;
    const nowMs = clock.now();
    const life = acceptPod(pod, timingOf(pod, timing), nowMs);
    if (life.stage === 'running') {
      model.startPod(simulatedPod(pod), nowMs, life.containers);
      model.setReady(pod.metadata.uid, life.ready, nowMs);
    }
    const assigned = this.#deps.addressesFor(pod.spec.nodeName ?? '');
    return {
      pod,
      life,
      published: life.stage === 'creating' ? undefined : life,
      addresses: { ...assigned, podIp: pod.status?.podIP ?? assigned.podIp },
      running: false,
      again: false,
      wake: new AbortController(),
      gone: false,
    };
  }

  /** Steps until nothing is left to do; a pod at rest costs no timer and no promise. */
  #kick(entry: Entry): void {
    entry.again = true;
    if (entry.running) entry.wake.abort();
    else void this.#run(entry);
  }

  async #run(entry: Entry): Promise<void> {
    entry.running = true;
    while (!entry.gone && !this.#deps.signal.aborted) {
      entry.again = false;
      entry.wake = new AbortController();
      const nextAtMs = await this.#step(entry);
      if (nextAtMs === undefined && !entry.again) break;
      if (nextAtMs !== undefined && !entry.again) await this.#pause(entry, nextAtMs);
    }
    entry.running = false;
  }

  async #pause(entry: Entry, untilMs: number): Promise<void> {
    const signal = AbortSignal.any([entry.wake.signal, this.#deps.signal]);
    await this.#deps.clock.sleep(Math.max(0, untilMs - this.#deps.clock.now()), signal);
  }

  /** One step. Returns when to make the next; undefined: when something happens. */
  async #step(entry: Entry): Promise<number | undefined> {
    const { clock, timing, logger, signal } = this.#deps;
    const nowMs = clock.now();
    // A pod is announced as Pending before its containers start, even when they start at once.
    if (entry.published !== undefined || entry.life.stage !== 'creating') {
      const advance = advancePod(entry.life, entry.pod, timingOf(entry.pod, timing), nowMs);
      entry.life = advance.life;
      for (const effect of advance.effects) if (effect !== 'ready') this.#apply(entry, effect, nowMs);
    }
    try {
      await this.#publish(entry);
    } catch (error) {
      if (signal.aborted) return undefined;
      if (error instanceof SimApiError && error.status === 404) return undefined;
      logger.debug('publishing a pod failed', { pod: entry.pod.metadata.name, error: errorMessage(error) });
      return clock.now() + retryMs;
    }
    // Load arrives when the API says ready: endpoints follow the API.
    if (entry.life.ready && entry.life.stage === 'running') this.#apply(entry, 'ready', clock.now());
    return nextInstant(entry.life);
  }

  #apply(entry: Entry, effect: LifeEffect, nowMs: number): void {
    const { model } = this.#deps;
    const { uid } = entry.pod.metadata;
    switch (effect) {
      case 'start':
        model.startPod(simulatedPod(entry.pod), nowMs);
        break;
      case 'ready':
        model.setReady(uid, true, nowMs);
        break;
      case 'unready':
        model.setReady(uid, false, nowMs);
        break;
      case 'stop':
        model.stopPod(uid, nowMs);
    }
  }

  async #publish(entry: Entry): Promise<void> {
    const { life, pod } = entry;
    const { namespace, name, uid } = pod.metadata;
    const path = `/api/v1/namespaces/${namespace}/pods/${name}`;
    const { api, signal } = this.#deps;
    if (entry.published !== life) {
      const patch = podStatusPatch(pod, life, entry.addresses);
      // The uid makes a patch fail that is meant for a pod of the same name before this one.
      const body = { metadata: { uid }, ...patch };
      const contentType = 'application/strategic-merge-patch+json';
      await api.request({ method: 'PATCH', path: `${path}/status`, body, contentType, signal });
      entry.published = life;
    }
    if (life.stage === 'stopped') {
      await api.request({ method: 'DELETE', path, body: { gracePeriodSeconds: 0, preconditions: { uid } }, signal });
    }
  }
}
