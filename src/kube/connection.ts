// Edge: where the API server is and who we are to it. Credentials and TLS material come from a kubeconfig and are read anew as they rotate.
import type { RequestOptions } from 'node:https';
import { Agent, type Dispatcher, ProxyAgent } from 'undici';
import type { Clock } from '../lib/clock.ts';
import { HeadroomError } from '../lib/errors.ts';
import type { KubeAccess } from './kube-access.ts';

/** How to send one request now. */
export interface Transport {
  readonly dispatcher: Dispatcher;
  /** Authorization and impersonation. */
  readonly headers: Readonly<Record<string, string>>;
}

interface TlsMaterial {
  readonly ca: string | undefined;
  readonly cert: string | undefined;
  readonly key: string | undefined;
  readonly servername: string | undefined;
  readonly rejectUnauthorized: boolean;
}

/** Files and exec plugins are asked again when what we have is older than this. Token files and plugins are cached by client-node too. */
const credentialsAgeMs = 10_000;

/** HTTP/1.1: a watch owns its connection, and one that breaks takes no other with it. */
const maxConnections = 64;

/** One pool of connections, replaced when the CA or the client certificate changes; requests under way finish on the old one. */
export class Connection {
  readonly origin: string;
  /** What stands before `/api`, for servers behind a path; '' as a rule. */
  readonly pathPrefix: string;
  readonly #kubeConfig: KubeAccess;
  readonly #clock: Clock;
  #transport: Transport | undefined;
  #material = '';
  #readAtMs = Number.NEGATIVE_INFINITY;
  #reading: Promise<Transport> | undefined;

  constructor(kubeConfig: KubeAccess, clock: Clock) {
    const cluster = kubeConfig.getCurrentCluster();
    if (cluster === null) {
      throw new HeadroomError('CONFIG_INVALID', 'kubeconfig has no current cluster', { retryable: false });
    }
    const url = new URL(cluster.server);
    this.origin = url.origin;
    this.pathPrefix = url.pathname.replace(/\/+$/, '');
    this.#kubeConfig = kubeConfig;
    this.#clock = clock;
  }

  /** The transport to use now. When credentials cannot be read again, the last ones serve. */
  async current(): Promise<Transport> {
    if (this.#transport !== undefined && this.#clock.monotonic() - this.#readAtMs < credentialsAgeMs) {
      return this.#transport;
    }
    this.#reading ??= this.#read().finally(() => {
      this.#reading = undefined;
    });
    try {
      return await this.#reading;
    } catch (error) {
      if (this.#transport === undefined) throw error;
      this.#readAtMs = this.#clock.monotonic();
      return this.#transport;
    }
  }

  /** Read credentials again before the next request: the server did not accept these. */
  expire(): void {
    this.#readAtMs = Number.NEGATIVE_INFINITY;
  }

  /** Ends all connections, also those in use. */
  async close(): Promise<void> {
    await this.#transport?.dispatcher.destroy();
    this.#transport = undefined;
  }

  async #read(): Promise<Transport> {
    const options: RequestOptions & { auth?: string } = {};
    await this.#kubeConfig.applyToHTTPSOptions(options);
    const material = tlsMaterial(options);
    const fingerprint = JSON.stringify(material);
    const old = this.#transport;
    const reuse = old !== undefined && fingerprint === this.#material;
    const dispatcher = reuse ? old.dispatcher : this.#dispatcher(material);
    this.#transport = { dispatcher, headers: authenticationHeaders(options) };
    this.#material = fingerprint;
    this.#readAtMs = this.#clock.monotonic();
    if (!reuse) void old?.dispatcher.close();
    return this.#transport;
  }

  #dispatcher(material: TlsMaterial): Dispatcher {
    const connect = { ...definedOnly(material), timeout: 10_000, keepAlive: true, keepAliveInitialDelay: 30_000 };
    const proxyUrl = this.#kubeConfig.getCurrentCluster()?.proxyUrl;
    if (proxyUrl === undefined || proxyUrl === '') {
      return new Agent({ connect, connections: maxConnections, allowH2: false });
    }
    if (!proxyUrl.startsWith('http')) {
      throw new HeadroomError('CONFIG_INVALID', `proxy-url ${proxyUrl}: only HTTP proxies are supported`, {
        retryable: false,
      });
    }
    return new ProxyAgent({ uri: proxyUrl, requestTls: connect, connections: maxConnections, allowH2: false });
  }
}

function tlsMaterial(options: RequestOptions): TlsMaterial {
  return {
    ca: pemText(options.ca),
    cert: pemText(options.cert),
    key: pemText(options.key),
    servername: options.servername,
    rejectUnauthorized: options.rejectUnauthorized !== false,
  };
}

function pemText(material: RequestOptions['ca'] | RequestOptions['key']): string | undefined {
  return typeof material === 'string' || Buffer.isBuffer(material) ? material.toString() : undefined;
}

function definedOnly(material: TlsMaterial): Partial<TlsMaterial> {
  return Object.fromEntries(Object.entries(material).filter(([, value]) => value !== undefined));
}

function authenticationHeaders(options: RequestOptions & { auth?: string }): Record<string, string> {
  const headers: Record<string, string> = {};
  for (const [name, value] of Object.entries(options.headers ?? {})) {
    // Token files often end in a newline, which no header may hold.
    if (value !== undefined) headers[name.toLowerCase()] = String(value).trim();
  }
  if (typeof options.auth === 'string') {
    headers['authorization'] = `Basic ${Buffer.from(options.auth).toString('base64')}`;
  }
  return headers;
}
