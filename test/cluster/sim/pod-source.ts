// Flow: where the pods of the simulated nodes come from: the API, or a fixed list for benchmarks.
import type { Clock } from '../../../src/lib/clock.ts';
import type { Logger } from '../../../src/lib/logger.ts';
import type { SimApiClient } from './api-client.ts';
import type { LoadModel } from './load-model.ts';
import { podAddress } from './node-identity.ts';
import type { LifecycleTiming } from './pod-object.ts';
import { type PodCommand, PodRunner } from './pod-runner.ts';
import { PodWatch } from './pod-watch.ts';
import type { SimulatedPod } from './types.ts';

/** Puts pods into the load model. */
export interface PodSource {
  /** Resolves when the pods that are there already have been taken over; goes on until the signal aborts. */
  start(signal: AbortSignal): Promise<void>;
  /** Throws a RangeError when the pod is unknown or the source has no say over its pods. */
  command(namespace: string, name: string, command: PodCommand): void;
}

/** A fixed list: every pod runs and is ready from the start and for ever. */
export class StaticPods implements PodSource {
  readonly #pods: Iterable<SimulatedPod>;
  readonly #model: LoadModel;
  readonly #clock: Clock;

  constructor(pods: Iterable<SimulatedPod>, model: LoadModel, clock: Clock) {
    this.#pods = pods;
    this.#model = model;
    this.#clock = clock;
  }

  start(): Promise<void> {
    const nowMs = this.#clock.now();
    for (const pod of this.#pods) {
      this.#model.startPod(pod, nowMs);
      this.#model.setReady(pod.uid, true, nowMs);
    }
    return Promise.resolve();
  }

  command(): void {
    throw new RangeError('a fixed list of pods takes no commands');
  }
}

export interface ApiPodsDeps {
  readonly api: SimApiClient;
  readonly model: LoadModel;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly timing: LifecycleTiming;
  /** By name; the others' pods are passed over. */
  readonly nodes: ReadonlyMap<string, { readonly index: number; readonly address: string }>;
}

/** The pods that the API server has bound to the simulated nodes, brought through their lives as kubelets do. */
export class ApiPods implements PodSource {
  readonly #deps: ApiPodsDeps;
  readonly #slots = new Map<string, number>();
  #runner: PodRunner | undefined;

  constructor(deps: ApiPodsDeps) {
    this.#deps = deps;
  }

  async start(signal: AbortSignal): Promise<void> {
    const { api, clock, logger, nodes } = this.#deps;
    this.#runner = new PodRunner({ ...this.#deps, signal, addressesFor: (nodeName) => this.#addressesFor(nodeName) });
    const watch = new PodWatch({ api, clock, logger, hasNode: (name) => nodes.has(name) }, this.#runner);
    await new Promise<void>((resolve) => {
      void watch.run(signal, resolve).then(resolve);
    });
  }

  command(namespace: string, name: string, command: PodCommand): void {
    if (this.#runner === undefined) throw new RangeError('the pods are not watched yet');
    this.#runner.command(namespace, name, command);
  }

  #addressesFor(nodeName: string): { hostIp: string; podIp: string } {
    const node = this.#deps.nodes.get(nodeName);
    const slot = this.#slots.get(nodeName) ?? 0;
    this.#slots.set(nodeName, slot + 1);
    return { hostIp: node?.address ?? '', podIp: podAddress(node?.index ?? 0, slot) };
  }
}
