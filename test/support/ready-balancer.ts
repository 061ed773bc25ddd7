// Edge: what kube-proxy and readiness probes do for a Service: new connections go to replicas that are ready, those that exist stay where they are.
import { connect, createServer, type Server, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import type { HeadroomProcess } from './headroom-process.ts';

const probeEveryMs = 200;

export class ReadyBalancer implements AsyncDisposable {
  readonly #replicas = new Set<HeadroomProcess>();
  readonly #ready = new Set<HeadroomProcess>();
  readonly #sockets = new Set<Socket>();
  readonly #ended = new AbortController();
  readonly #server: Server;
  readonly #probing: Promise<void>;
  #turn = 0;

  private constructor() {
    this.#server = createServer((client) => this.#forward(client));
    this.#probing = this.#probe();
  }

  /** Listens on 127.0.0.1. */
  static async listen(port: number): Promise<ReadyBalancer> {
    const balancer = new ReadyBalancer();
    await new Promise<void>((resolve, reject) => {
      balancer.#server.once('error', reject);
      balancer.#server.listen(port, '127.0.0.1', resolve);
    });
    return balancer;
  }

  /** Its readiness is asked for from now on. */
  add(replica: HeadroomProcess): void {
    this.#replicas.add(replica);
  }

  isReady(replica: HeadroomProcess): boolean {
    return this.#ready.has(replica);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#ended.abort();
    for (const socket of this.#sockets) socket.destroy();
    this.#server.close();
    await this.#probing;
  }

  async #probe(): Promise<void> {
    const { signal } = this.#ended;
    while (!signal.aborted) {
      await Promise.all([...this.#replicas].map((replica) => this.#probeOne(replica)));
      await sleep(probeEveryMs, undefined, { signal }).catch(() => undefined);
    }
  }

  async #probeOne(replica: HeadroomProcess): Promise<void> {
    if (replica.exited !== undefined) this.#replicas.delete(replica);
    const answer = replica.exited === undefined ? await replica.get('/readyz') : undefined;
    if (answer?.status === 200) this.#ready.add(replica);
    else this.#ready.delete(replica);
  }

  #forward(client: Socket): void {
    const ready = [...this.#ready];
    const replica = ready[this.#turn++ % Math.max(1, ready.length)];
    if (replica === undefined) {
      client.destroy();
      return;
    }
    const server = connect(replica.port, '127.0.0.1');
    for (const [one, other] of [
      [client, server],
      [server, client],
    ] as const) {
      this.#sockets.add(one);
      one.on('error', () => other.destroy());
      one.once('close', () => {
        this.#sockets.delete(one);
        other.destroy();
      });
      one.pipe(other);
    }
  }
}
