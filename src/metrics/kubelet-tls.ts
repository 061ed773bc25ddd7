// Edge: what TLS towards kubelets needs - files, and the secure context that is made anew when they change.
import { X509Certificate } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { createSecureContext, type SecureContext } from 'node:tls';
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

/** How old what we know of the files may become. */
const reloadIntervalMs = 30_000;

interface Material {
  readonly ca: string | undefined;
  readonly cert: string | undefined;
  readonly key: string | undefined;
}

/**
 * What TLS needs, of all connections: one secure context, because building one parses the whole CA file. The files are read again every
 * 30 s; when they changed, a new context takes the old one's place.
 */
export class KubeletTls {
  readonly insecureSkipVerify: boolean;
  readonly #clock: Clock;
  readonly #logger: Logger;
  readonly #settings: KubeletTlsSettings;
  #context: SecureContext | undefined;
  #material: Material | undefined;
  #readAtMs = Number.NEGATIVE_INFINITY;
  #reading: Promise<void> | undefined;

  constructor(clock: Clock, logger: Logger, settings: KubeletTlsSettings) {
    this.#clock = clock;
    this.#logger = logger;
    this.#settings = settings;
    this.insecureSkipVerify = settings.insecureSkipVerify;
  }

  /** Throws HeadroomError KUBELET_REQUEST when the files could never be read; later failures are logged and the last good files serve. */
  async secureContext(): Promise<SecureContext> {
    if (this.#clock.monotonic() - this.#readAtMs >= reloadIntervalMs) {
      this.#reading ??= this.#reload().finally(() => {
        this.#reading = undefined;
      });
      await this.#reading;
    }
    if (this.#context === undefined) throw new Error('BUG: TLS files were read but no secure context was made');
    return this.#context;
  }

  async #reload(): Promise<void> {
    try {
      const material = await readMaterial(this.#settings);
      if (this.#context === undefined || !isSame(material, this.#material)) this.#replaceContext(material);
    } catch (error) {
      const failure = `reading the TLS files for kubelets: ${errorMessage(error)}`;
      if (this.#context === undefined) throw new HeadroomError('KUBELET_REQUEST', failure, { cause: error });
      this.#logger.warn('TLS files for kubelets could not be read again; the last good ones stay in use', { error });
    }
    this.#readAtMs = this.#clock.monotonic();
  }

  #replaceContext(material: Material): void {
    const isFirst = this.#context === undefined;
    this.#context = createSecureContext(present(material));
    this.#material = material;
    if (!isFirst) this.#logger.info('TLS files for kubelets changed; new connections use them');
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
