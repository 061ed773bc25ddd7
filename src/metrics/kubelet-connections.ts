// State: the open connections to kubelets. One is kept per node between two scrapes, because a TLS handshake costs more than ten scrapes.
import type { SecureContext } from 'node:tls';
import type { Clock } from '../lib/clock.ts';
import { KubeletConnection } from './kubelet-connection.ts';
import type { KubeletTls } from './kubelet-tls.ts';

/** What one read of a socket can bring. */
const readBufferBytes = 64 * 1024;
/** Of the time that a connection may be idle: the time between two looks for those that were idle too long. */
const sweepShare = 0.1;

/** Give back what you take. A connection serves one request at a time; whoever finds none idle gets a new one. */
export class KubeletConnections {
  readonly #clock: Clock;
  readonly #tls: KubeletTls;
  readonly #idleConnectionMs: number;
  readonly #readBuffer = Buffer.alloc(readBufferBytes);
  readonly #open = new Set<KubeletConnection>();
  /** By origin; whoever has been idle for longest comes first. */
  readonly #idle = new Map<string, KubeletConnection>();
  #secureContext: SecureContext | undefined;
  #nextSweepAtMs = 0;
  /** Given back, these end: they were made with a secure context of the past. */
  #outdated = new WeakSet<KubeletConnection>();

  /** `idleConnectionMs`: how long one is kept without a request. Must exceed the time between two scrapes, or each scrape pays a handshake. */
  constructor(clock: Clock, tls: KubeletTls, idleConnectionMs: number) {
    this.#clock = clock;
    this.#tls = tls;
    this.#idleConnectionMs = idleConnectionMs;
  }

  /** A connection to `origin`, perhaps still connecting. Throws as KubeletTls does, and TypeError when the origin is none. */
  async take(origin: string): Promise<KubeletConnection> {
    const secureContext = await this.#tls.secureContext();
    if (secureContext !== this.#secureContext) this.#replaceContext(secureContext);
    const idle = this.#idle.get(origin);
    if (idle !== undefined) {
      this.#idle.delete(origin);
      return idle;
    }
    const settings = { secureContext, insecureSkipVerify: this.#tls.insecureSkipVerify, readBuffer: this.#readBuffer };
    const connection = new KubeletConnection(origin, settings, (closed) => this.#forget(closed));
    this.#open.add(connection);
    return connection;
  }

  giveBack(connection: KubeletConnection): void {
    const { origin } = connection;
    const nowMs = this.#clock.monotonic();
    this.#endIdleTooLong(nowMs);
    if (!connection.canReuse || this.#outdated.has(connection) || this.#idle.has(origin)) {
      connection.destroy();
      return;
    }
    connection.idleSinceMs = nowMs;
    this.#idle.set(origin, connection);
  }

  /** Ends all connections, and what is under way on them. */
  close(): void {
    for (const connection of this.#open) connection.destroy();
  }

  /** Idle connections end at once, the others with their requests. */
  #replaceContext(secureContext: SecureContext): void {
    this.#secureContext = secureContext;
    this.#outdated = new WeakSet(this.#open);
    for (const connection of this.#idle.values()) connection.destroy();
    this.#idle.clear();
  }

  /** Done now and then as requests end, which spares a timer per connection. */
  #endIdleTooLong(nowMs: number): void {
    if (nowMs < this.#nextSweepAtMs) return;
    this.#nextSweepAtMs = nowMs + this.#idleConnectionMs * sweepShare;
    for (const [origin, connection] of this.#idle) {
      if (nowMs - connection.idleSinceMs < this.#idleConnectionMs) return;
      this.#idle.delete(origin);
      connection.destroy();
    }
  }

  #forget(connection: KubeletConnection): void {
    this.#open.delete(connection);
    if (this.#idle.get(connection.origin) === connection) this.#idle.delete(connection.origin);
  }
}
