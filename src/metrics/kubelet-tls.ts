// Edge: TLS towards kubelets - files, secure context and connections, made anew when the files change.
import { X509Certificate } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { createSecureContext } from 'node:tls';
import { Agent, buildConnector, type Dispatcher } from 'undici';
import type { Clock } from '../lib/clock.ts';
import { errorMessage, HeadroomError } from '../lib/errors.ts';
import type { Logger } from '../lib/logger.ts';

/** PEM text, or a file that holds it and may change. */
export type PemSource = { readonly pem: string } | { readonly file: string };

export interface KubeletTlsSettings {
  /** Who signs the kubelets' serving certificates; undefined: the authorities that Node trusts. */
  readonly ca: PemSource | undefined;
  readonly clientCertificate: PemSource | undefined;
  readonly clientKey: PemSource | undefined;
  /** Accept any serving certificate. */
  readonly insecureSkipVerify: boolean;
}

export interface ConnectionSettings {
  /** For TCP and TLS together. */
  readonly connectTimeoutMs: number;
  /** How long a connection is kept without a request. Must exceed the time between two scrapes, or each scrape pays a handshake. */
  readonly idleConnectionMs: number;
}

/** How old what we know of the files may become. */
const reloadIntervalMs = 30_000;

interface Material {
  readonly ca: string | undefined;
  readonly cert: string | undefined;
  readonly key: string | undefined;
}

/**
 * Connections to kubelets: one per node, one request at a time. All share one secure context, because building one parses the whole CA file.
 * The files are read again every 30 s; when they changed, new requests use new connections and the old ones end with their requests.
 */
export class KubeletConnections {
  readonly #clock: Clock;
  readonly #logger: Logger;
  readonly #tls: KubeletTlsSettings;
  readonly #settings: ConnectionSettings;
  #agent: Agent | undefined;
  #material: Material | undefined;
  #readAtMs = Number.NEGATIVE_INFINITY;
  #reading: Promise<void> | undefined;

  constructor(clock: Clock, logger: Logger, tls: KubeletTlsSettings, settings: ConnectionSettings) {
    this.#clock = clock;
    this.#logger = logger;
    this.#tls = tls;
    this.#settings = settings;
  }

  /** Throws HeadroomError KUBELET_REQUEST when the files could never be read; later failures are logged and the last good files serve. */
  async dispatcher(): Promise<Dispatcher> {
    if (this.#clock.monotonic() - this.#readAtMs >= reloadIntervalMs) {
      this.#reading ??= this.#reload().finally(() => {
        this.#reading = undefined;
      });
      await this.#reading;
    }
    if (this.#agent === undefined) throw new Error('BUG: TLS files were read but no agent was made');
    return this.#agent;
  }

  /** Ends idle connections at once and the others now, too. */
  async close(): Promise<void> {
    await this.#agent?.destroy();
  }

  async #reload(): Promise<void> {
    try {
      const material = await readMaterial(this.#tls);
      if (this.#agent === undefined || !isSame(material, this.#material)) this.#replaceAgent(material);
    } catch (error) {
      const failure = `reading the TLS files for kubelets: ${errorMessage(error)}`;
      if (this.#agent === undefined) throw new HeadroomError('KUBELET_REQUEST', failure, { cause: error });
      this.#logger.warn('TLS files for kubelets could not be read again; the last good ones stay in use', { error });
    }
    this.#readAtMs = this.#clock.monotonic();
  }

  #replaceAgent(material: Material): void {
    const secureContext = createSecureContext(present(material));
    const connect = buildConnector({
      secureContext,
      rejectUnauthorized: !this.#tls.insecureSkipVerify,
      timeout: this.#settings.connectTimeoutMs,
      // Connections are kept, so a session is worth its memory only after failures.
      maxCachedSessions: 0,
      allowH2: false,
    });
    const old = this.#agent;
    this.#agent = new Agent({
      connect,
      connections: 1,
      pipelining: 1,
      // HTTP/2 buys nothing for one request at a time and costs a session per node.
      allowH2: false,
      keepAliveTimeout: this.#settings.idleConnectionMs,
      keepAliveMaxTimeout: this.#settings.idleConnectionMs,
      // The caller's signal is the deadline of the whole exchange.
      headersTimeout: 0,
      bodyTimeout: 0,
    });
    this.#material = material;
    if (old === undefined) return;
    this.#logger.info('TLS files for kubelets changed; new connections use them');
    old.close().catch((error: unknown) => this.#logger.debug('closing old kubelet connections failed', { error }));
  }
}

async function readMaterial(tls: KubeletTlsSettings): Promise<Material> {
  const [ca, cert, key] = await Promise.all([tls.ca, tls.clientCertificate, tls.clientKey].map(readPem));
  if (tls.insecureSkipVerify) return { ca: undefined, cert, key };
  if (ca !== undefined) requireCertificate(ca);
  return { ca, cert, key };
}

/** A secure context takes a CA file without a certificate, half written for instance, and then trusts nobody. */
function requireCertificate(pem: string): X509Certificate {
  return new X509Certificate(pem);
}

async function readPem(source: PemSource | undefined): Promise<string | undefined> {
  if (source === undefined) return undefined;
  return 'pem' in source ? source.pem : readFile(source.file, 'utf8');
}

function isSame(a: Material, b: Material | undefined): boolean {
  return a.ca === b?.ca && a.cert === b?.cert && a.key === b?.key;
}

/** Without the fields that are undefined, which exactOptionalPropertyTypes does not let pass. */
function present(material: Material): { ca?: string; cert?: string; key?: string } {
  return {
    ...(material.ca !== undefined && { ca: material.ca }),
    ...(material.cert !== undefined && { cert: material.cert }),
    ...(material.key !== undefined && { key: material.key }),
  };
}
