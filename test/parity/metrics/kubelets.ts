// Flow: one kubelet per node that both sides ask. What it says is frozen for each step, so that both read the same bytes; who has read what
// is told by the tokens.
import { once } from 'node:events';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { createServer, type Server } from 'node:https';
import type { AddressInfo } from 'node:net';
import { createAuthority } from '../../cluster/pki.ts';
import { expositionContentType } from '../../cluster/sim/exposition.ts';
import { until } from '../../support/until.ts';
import { type PodLines, renderKubelet } from './exposition.ts';
import type { KubeletAnswer, NodeModel, World } from './model.ts';

interface Frozen {
  readonly answer: KubeletAnswer;
  readonly text: string;
}

/** More than one resolution, for a side whose turn has just passed. */
const readTimeoutMs = 120_000;
const idleTimeoutMs = 600_000;

export class FrozenKubelets implements AsyncDisposable {
  readonly #world: World;
  readonly #authority = createAuthority('frozen-kubelets');
  readonly #servers: Server[] = [];
  /** By side and node: the step whose answer it was given last. */
  readonly #served = new Map<string, number>();
  readonly #sides = new Map<string, string>();
  #step = 0;
  #frozen: readonly Frozen[] = [];

  constructor(world: World) {
    this.#world = world;
  }

  get caPem(): string {
    return this.#authority.certificatePem;
  }

  /** The port of each node's kubelet. */
  async listen(): Promise<readonly number[]> {
    const { certificatePem: cert, keyPem: key } = this.#authority.issue({
      commonName: 'kubelet',
      usage: 'server',
      hosts: ['127.0.0.1'],
    });
    const ports: number[] = [];
    for (const node of this.#world.nodes.keys()) {
      const server = createServer({ cert, key }, (request, response) => this.#answer(node, request, response));
      // An idle connection that is closed just when a side uses it would be a failed scrape.
      server.keepAliveTimeout = idleTimeoutMs;
      server.listen(0, '127.0.0.1');
      await once(server, 'listening');
      this.#servers.push(server);
      ports.push((server.address() as AddressInfo).port);
    }
    return ports;
  }

  /** Requests with this token are the side's; those with another are B's. */
  know(token: string, side: string): void {
    this.#sides.set(`Bearer ${token}`, side);
  }

  /** From now on the kubelets say what they say at this step. */
  freeze(step: number): void {
    const { nodes, pods } = this.#world;
    const lines: PodLines[][] = nodes.map(() => []);
    for (const pod of pods) {
      const { namespace, name } = pod;
      for (const { node, samples } of pod.at(step).reports) lines[node]?.push({ namespace, pod: name, samples });
    }
    this.#frozen = nodes.map((node, index) => {
      const { answer, sample } = node.at(step);
      const text = renderKubelet(node.version, sample, lines[index] ?? []);
      return { answer, text: answer.kind === 'exposition' ? (answer.edit?.(text) ?? text) : text };
    });
    this.#step = step;
  }

  /** Resolves when the side has been given this step's answer by every kubelet that it asks at each of its turns. */
  async readBy(side: string, isStopped: () => void): Promise<void> {
    const wanted = this.#world.nodes.flatMap((node, index) => (this.#isAskedSoon(node) ? [index] : []));
    const unread = (): readonly number[] => wanted.filter((node) => this.#served.get(`${side} ${node}`) !== this.#step);
    const isRead = (): boolean => {
      isStopped();
      return unread().length === 0;
    };
    await until(isRead, readTimeoutMs, 100).catch((cause: unknown) => {
      const names = unread().map((node) => `${this.#world.nodes[node]?.name} (${this.#world.nodes[node]?.kind})`);
      throw new Error(`${side} has not asked ${names.join(', ')} at step ${this.#step}`, { cause });
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const server of this.#servers) server.closeAllConnections();
    await Promise.all(this.#servers.map((server) => new Promise((resolve) => server.close(resolve))));
  }

  /** Who has no address is never asked, and who keeps failing seldom (S3). */
  #isAskedSoon(node: NodeModel): boolean {
    const [before, now] = [node.at(Math.max(0, this.#step - 1)), node.at(this.#step)];
    const keepsFailing = before.answer.kind !== 'exposition' && now.answer.kind !== 'exposition';
    return now.api !== undefined && now.api.addressed && !keepsFailing;
  }

  #answer(node: number, request: IncomingMessage, response: ServerResponse): void {
    const side = this.#sides.get(request.headers.authorization ?? '') ?? 'B';
    this.#served.set(`${side} ${node}`, this.#step);
    const wanted = this.#world.nodes[node]?.at(this.#step).api?.path ?? '/metrics/resource';
    const frozen = this.#frozen[node];
    if (frozen === undefined || decodeURIComponent(request.url ?? '') !== wanted) response.writeHead(404).end();
    else give(frozen, request, response);
  }
}

function give({ answer, text }: Frozen, request: IncomingMessage, response: ServerResponse): void {
  switch (answer.kind) {
    case 'exposition':
      response.writeHead(200, { 'content-type': expositionContentType }).end(text);
      break;
    case 'other':
      response.writeHead(answer.status, { 'content-type': answer.contentType }).end(answer.body);
      break;
    case 'reset':
      request.socket.destroy();
      break;
    case 'hang':
      break;
  }
}
