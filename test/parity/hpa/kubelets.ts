// Flow: one set of simulated kubelets that both control planes see. Each side has ports of its own that serve the same bytes, so that
// it can be seen who has read what.
//
// A new sample is made only at the beginning of a step, and it says that since the sample before it each container used what it uses in
// the new step. So usage changes from one constant to the next with one sample, without mixed values in between.
import { once } from 'node:events';
import { createServer, type Server } from 'node:https';
import type { AddressInfo } from 'node:net';
import { createAuthority } from '../../cluster/pki.ts';
import { expositionContentType } from '../../cluster/sim/exposition.ts';
import { type ContainerLines, expositionText } from '../../support/exposition-text.ts';
import { until } from '../../support/until.ts';
import { nodeCount } from './make-groups.ts';
import type { Group, PodModel } from './model.ts';
import type { KubeletPlace } from './side.ts';

const readTimeoutMs = 120_000;
/** When all containers started: long ago. */
const startSeconds = 1_700_000_000;

interface Counter {
  coreNanoSeconds: number;
}

export class SharedKubelets implements AsyncDisposable {
  readonly #groups: readonly Group[];
  readonly #authority = createAuthority('shared-kubelets');
  readonly #counters = new Map<string, Counter>();
  readonly #servers: Server[] = [];
  /** By side and node: the version that was last served. */
  readonly #served = new Map<string, number>();
  #bodies: readonly string[] = Array.from({ length: nodeCount }, () => '');
  #version = 0;
  #sampledAtMs: number;

  constructor(groups: readonly Group[], startMs: number) {
    this.#groups = groups;
    this.#sampledAtMs = startMs;
  }

  /** The port of each node's kubelet, for one side. */
  async listen(side: string): Promise<KubeletPlace> {
    const { certificatePem: cert, keyPem: key } = this.#authority.issue({
      commonName: 'kubelet',
      usage: 'server',
      hosts: ['127.0.0.1'],
    });
    const ports: number[] = [];
    for (let node = 0; node < nodeCount; node++) {
      const server = createServer({ cert, key }, (_request, response) => {
        this.#served.set(`${side} ${node}`, this.#version);
        response.setHeader('content-type', expositionContentType);
        response.end(this.#bodies[node]);
      });
      server.listen(0, '127.0.0.1');
      await once(server, 'listening');
      this.#servers.push(server);
      ports.push((server.address() as AddressInfo).port);
    }
    return { ports, caPem: this.#authority.certificatePem };
  }

  /** Makes a new sample of every container, at this instant. */
  publish(nowMs: number): void {
    const lines: ContainerLines[][] = Array.from({ length: nodeCount }, () => []);
    for (const group of this.#groups) {
      for (const pod of group.pods) lines[group.node]?.push(...this.#sample(group, pod, nowMs));
    }
    this.#sampledAtMs = nowMs;
    this.#bodies = lines.map((containers) =>
      expositionText({ timestampMs: nowMs, cpuSeconds: nowMs / 4000, containers }),
    );
    this.#version++;
  }

  /** Resolves when each node's last sample has been read by the side. */
  async readBy(side: string): Promise<void> {
    const version = this.#version;
    await until(
      () => this.#bodies.every((_body, node) => (this.#served.get(`${side} ${node}`) ?? 0) >= version),
      readTimeoutMs,
      100,
    );
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const server of this.#servers) server.closeAllConnections();
    await Promise.all(this.#servers.map((server) => new Promise((resolve) => server.close(resolve))));
  }

  #sample({ namespace }: Group, pod: PodModel, nowMs: number): readonly ContainerLines[] {
    const seconds = (nowMs - this.#sampledAtMs) / 1000;
    const lines = [...pod.usage].map(([container, usage]): ContainerLines => {
      const counter = this.#counter(`${namespace}/${pod.name}/${container}`);
      counter.coreNanoSeconds += Math.round(usage.milliCores * 1e6 * seconds);
      const place = { container, namespace, pod: pod.name };
      const cpuSeconds = counter.coreNanoSeconds / 1e9;
      return { ...place, cpuSeconds, memoryBytes: usage.bytes, startSeconds, timestampMs: nowMs };
    });
    return pod.reported && !pod.removed ? lines : [];
  }

  #counter(key: string): Counter {
    const known = this.#counters.get(key);
    if (known !== undefined) return known;
    const counter: Counter = { coreNanoSeconds: 1e12 };
    this.#counters.set(key, counter);
    return counter;
  }
}
