// Flow: which CAs vouch for client certificates and which for the front proxy: from files, from the cluster's ConfigMap, kept up to date.
import { X509Certificate } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import type { AuthenticationConfig, RequestHeaderSettings } from '../kube/authentication-config.ts';
import type { Clock } from '../lib/clock.ts';
import { errorMessage, HeadroomError } from '../lib/errors.ts';
import type { Logger } from '../lib/logger.ts';
import { type PolledValue, pollValue } from './polled-value.ts';

/** One object per content: verdicts about certificates are remembered by its identity. */
export interface CertificatePool {
  readonly pem: string;
  readonly certificates: readonly X509Certificate[];
}

export interface Trust {
  /** undefined: client certificates say nothing about who calls. */
  readonly clientCa: CertificatePool | undefined;
  /** undefined: there is no front proxy, and its headers mean nothing. */
  readonly frontProxy: { readonly ca: CertificatePool; readonly headers: RequestHeaderSettings } | undefined;
}

/** Trust that follows its sources. */
export type TrustSource = PolledValue<Trust>;

export interface TrustSettings {
  /** `--client-ca-file`; '' takes the ConfigMap's. */
  readonly clientCaFile: string;
  /** `--requestheader-client-ca-file`; '' takes CA and headers from the ConfigMap. */
  readonly requestHeaderClientCaFile: string;
  /** The other `--requestheader-*` flags, which count only beside that file. */
  readonly requestHeader: RequestHeaderSettings;
  /** `--authentication-skip-lookup`: never read the ConfigMap. */
  readonly skipLookup: boolean;
  /** `--authentication-tolerate-lookup-failure`: start without the ConfigMap when it cannot be read. */
  readonly tolerateLookupFailure: boolean;
}

export interface TrustOptions {
  readonly clock: Clock;
  readonly logger: Logger;
  readonly settings: TrustSettings;
  /** Reads the cluster's ConfigMap. */
  readonly readConfig: (signal: AbortSignal) => Promise<AuthenticationConfig>;
  /** Ends the polling. */
  readonly signal: AbortSignal;
}

const pollIntervalMs = 30_000;
const lookupTimeoutMs = 10_000;

/**
 * Reads all trust roots, and again every 30 s; a change never drops a connection (docs/metrics-api.md, M-95, M-96). Throws HeadroomError SERVING
 * when they cannot be read: without them nothing may be served.
 */
export async function loadTrust(options: TrustOptions): Promise<TrustSource> {
  const { clock, logger, settings, signal } = options;
  const first = await readFirst(options);
  const source: TrustSource = pollValue<Trust>(first, {
    name: 'trust roots of clients',
    clock,
    logger,
    intervalMs: pollIntervalMs,
    signal,
    read: async () => toTrust(settings, await readFiles(settings), await readConfig(options), source.current),
    isSame: isSameTrust,
  });
  return source;
}

async function readFirst(options: TrustOptions): Promise<Trust> {
  const { settings, logger } = options;
  try {
    const files = await readFiles(settings);
    try {
      return toTrust(settings, files, await readConfig(options));
    } catch (error) {
      if (!settings.tolerateLookupFailure) throw error;
      logger.warn('authentication ConfigMap could not be read, requests through it are refused until it can', {
        error,
      });
      return toTrust(settings, files, undefined);
    }
  } catch (error) {
    const message = `loading trust roots of clients: ${errorMessage(error)}`;
    throw new HeadroomError('SERVING', message, { cause: error });
  }
}

interface TrustFiles {
  readonly clientCaPem: string;
  readonly requestHeaderCaPem: string;
}

async function readFiles(settings: TrustSettings): Promise<TrustFiles> {
  const [clientCaPem, requestHeaderCaPem] = await Promise.all([
    readBundle(settings.clientCaFile),
    readBundle(settings.requestHeaderClientCaFile),
  ]);
  return { clientCaPem, requestHeaderCaPem };
}

/** An empty file is not the wish to trust nobody: somebody is about to write it. */
async function readBundle(file: string): Promise<string> {
  if (file === '') return '';
  const pem = await readFile(file, 'utf8');
  if (pem.trim() === '') throw new HeadroomError('SERVING', `reading a CA bundle: ${file} is empty`);
  return pem;
}

/** undefined when the flags say all there is to know. */
async function readConfig({
  settings,
  clock,
  signal,
  readConfig,
}: TrustOptions): Promise<AuthenticationConfig | undefined> {
  const needed = settings.clientCaFile === '' || settings.requestHeaderClientCaFile === '';
  if (settings.skipLookup || !needed) return undefined;
  return await readConfig(clock.deadline(lookupTimeoutMs, signal));
}

function toTrust(
  settings: TrustSettings,
  files: TrustFiles,
  config: AuthenticationConfig | undefined,
  previous?: Trust,
): Trust {
  const clientCaPem = settings.clientCaFile === '' ? config?.clientCaPem : files.clientCaPem;
  const proxy =
    settings.requestHeaderClientCaFile === ''
      ? config
      : { requestHeaderCaPem: files.requestHeaderCaPem, requestHeader: settings.requestHeader };
  const proxyCa = toPool(proxy?.requestHeaderCaPem, previous?.frontProxy?.ca);
  return {
    clientCa: toPool(clientCaPem, previous?.clientCa),
    frontProxy:
      proxy === undefined || proxyCa === undefined ? undefined : { ca: proxyCa, headers: proxy.requestHeader },
  };
}

const pemCertificate = /-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g;

/** Keeps the previous pool when the text is the same. Throws when there is text without a certificate, or a broken one. */
function toPool(pem: string | undefined, previous: CertificatePool | undefined): CertificatePool | undefined {
  if (pem === undefined || pem.trim() === '') return undefined;
  if (previous?.pem === pem) return previous;
  const certificates = (pem.match(pemCertificate) ?? []).map((text) => new X509Certificate(text));
  if (certificates.length === 0) throw new HeadroomError('SERVING', 'reading a CA bundle: it holds no PEM certificate');
  return { pem, certificates };
}

function isSameTrust(a: Trust, b: Trust): boolean {
  return (
    a.clientCa?.pem === b.clientCa?.pem &&
    a.frontProxy?.ca.pem === b.frontProxy?.ca.pem &&
    JSON.stringify(a.frontProxy?.headers) === JSON.stringify(b.frontProxy?.headers)
  );
}
