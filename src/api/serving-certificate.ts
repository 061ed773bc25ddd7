// Flow: the certificate that the Metrics API serves with: from files that are followed, or made here when there is none.
import { createPrivateKey, generateKeyPair, randomInt, X509Certificate } from 'node:crypto';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createSecureContext } from 'node:tls';
import { promisify } from 'node:util';
import type { Clock } from '../lib/clock.ts';
import { errorMessage, HeadroomError } from '../lib/errors.ts';
import type { Logger } from '../lib/logger.ts';
import {
  authorityExtensions,
  type CertificateSigner,
  extendedKeyUsage,
  issueCertificate,
  keyPurpose,
  subjectAltName,
} from './certificate-issuer.ts';
import { type PolledValue, pollValue } from './polled-value.ts';

/** A certificate with its chain, and its key. */
export interface KeyPair {
  readonly certificatePem: string;
  readonly keyPem: string;
}

interface ServingCertificate extends KeyPair {
  /** Those for clients that ask for one of these names, which are in lower case and may begin with `*.`. */
  readonly named: readonly (KeyPair & { readonly names: readonly string[] })[];
}

/** A certificate that follows its files. */
export type CertificateSource = PolledValue<ServingCertificate>;

export interface CertificateSettings {
  /** `--tls-cert-file` and `--tls-private-key-file`; '' looks into `certificateDir`. */
  readonly certificateFile: string;
  readonly keyFile: string;
  /** `--cert-dir`: apiserver.crt and apiserver.key, written when missing. */
  readonly certificateDir: string;
  /** A specific address becomes a name of a certificate made here. */
  readonly bindAddress: string;
  /** `--tls-sni-cert-key` */
  readonly named: readonly NamedCertificateFiles[];
}

export interface NamedCertificateFiles {
  readonly certificateFile: string;
  readonly keyFile: string;
  /** Empty: the names in the certificate. */
  readonly names: readonly string[];
}

export interface CertificateOptions {
  readonly clock: Clock;
  readonly logger: Logger;
  readonly settings: CertificateSettings;
  /** Ends the polling. */
  readonly signal: AbortSignal;
}

const pollIntervalMs = 10_000;
const hourMs = 3_600_000;
const yearMs = 365 * 24 * hourMs;
const generateKey = promisify(generateKeyPair);

/** Loads or makes the certificates (docs/metrics-api.md, M-101, M-102). Throws HeadroomError SERVING when files given are no pair. */
export async function loadServingCertificate(options: CertificateOptions): Promise<CertificateSource> {
  const { clock, logger, settings, signal } = options;
  const files = filesOf(settings);
  const first = { ...(await readOrCreate(options, files)), named: await readNamed(settings).catch(unusable) };
  return pollValue<ServingCertificate>(first, {
    name: 'serving certificate',
    clock,
    logger,
    intervalMs: pollIntervalMs,
    signal,
    read: async () => ({ ...(await readPair(files)), named: await readNamed(settings) }),
    isSame: (a, b) => JSON.stringify(a) === JSON.stringify(b),
  });
}

function unusable(error: unknown): never {
  const message = `loading the serving certificate: ${errorMessage(error)}`;
  throw new HeadroomError('SERVING', message, { cause: error });
}

async function readNamed({ named }: CertificateSettings): Promise<ServingCertificate['named']> {
  return await Promise.all(
    named.map(async ({ certificateFile, keyFile, names }) => {
      const pair = await readPair({ certificate: certificateFile, key: keyFile });
      const served = names.length > 0 ? names : namesIn(pair.certificatePem);
      return { ...pair, names: served.map((name) => name.toLowerCase()) };
    }),
  );
}

/** DNS names of the certificate; its common name when it has none. */
function namesIn(certificatePem: string): readonly string[] {
  const { subjectAltName = '', subject } = new X509Certificate(certificatePem);
  const names = Array.from(subjectAltName.matchAll(/(?:^|, )DNS:([^,]+)/g), ([, name = '']) => name);
  return names.length > 0 ? names : Array.from(subject.matchAll(/^CN=(.+)$/gm), ([, name = '']) => name);
}

interface CertificateFiles {
  readonly certificate: string;
  readonly key: string;
  /** Named by flags, so never written. */
  readonly given: boolean;
}

function filesOf({ certificateFile, keyFile, certificateDir }: CertificateSettings): CertificateFiles {
  if (certificateFile !== '' || keyFile !== '') return { certificate: certificateFile, key: keyFile, given: true };
  return {
    certificate: join(certificateDir, 'apiserver.crt'),
    key: join(certificateDir, 'apiserver.key'),
    given: false,
  };
}

async function readOrCreate(options: CertificateOptions, files: CertificateFiles): Promise<KeyPair> {
  const { logger, settings, clock } = options;
  try {
    return await readPair(files);
  } catch (error) {
    if (files.given || !isMissing(error)) unusable(error);
  }
  const made = await makeSelfSigned(clock.now(), settings.bindAddress);
  try {
    await mkdir(settings.certificateDir, { recursive: true });
    await writeFile(files.key, made.keyPem, { mode: 0o600 });
    await writeFile(files.certificate, made.certificatePem, { mode: 0o644 });
    logger.info('made a self-signed serving certificate', { file: files.certificate });
  } catch (error) {
    logger.warn('self-signed serving certificate could not be kept, the next start makes another', { error });
  }
  return made;
}

function isMissing(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'ENOENT';
}

/** Refuses what cannot be served: half of a pair, or half of a chain, may have been written a moment ago. */
async function readPair({ certificate, key }: Omit<CertificateFiles, 'given'>): Promise<KeyPair> {
  const [certificatePem, keyPem] = await Promise.all([readFile(certificate, 'utf8'), readFile(key, 'utf8')]);
  if (!new X509Certificate(certificatePem).checkPrivateKey(createPrivateKey(keyPem))) {
    throw new HeadroomError('SERVING', `reading ${certificate}: ${key} is not its key`);
  }
  try {
    createSecureContext({ cert: certificatePem, key: keyPem });
  } catch (cause) {
    const message = `reading ${certificate}: OpenSSL cannot serve it: ${errorMessage(cause)}`;
    throw new HeadroomError('SERVING', message, { cause });
  }
  return { certificatePem, keyPem };
}

/** A CA of its own and a certificate for localhost below it, good for a year. */
async function makeSelfSigned(nowMs: number, bindAddress: string): Promise<KeyPair> {
  const [ca, leaf] = await Promise.all([
    generateKey('rsa', { modulusLength: 2048 }),
    generateKey('rsa', { modulusLength: 2048 }),
  ]);
  const seconds = Math.floor(nowMs / 1000);
  const signer: CertificateSigner = { name: { commonName: `localhost-ca@${seconds}` }, ...ca };
  const validity = { notBeforeMs: nowMs - hourMs, notAfterMs: nowMs + yearMs };
  const addresses = ['127.0.0.1', ...(isUnspecified(bindAddress) ? [] : [bindAddress])];
  const caPem = issueCertificate(
    {
      ...validity,
      subject: signer.name,
      publicKey: ca.publicKey,
      serial: newSerial(),
      extensions: authorityExtensions(),
    },
    signer,
  );
  const leafPem = issueCertificate(
    {
      ...validity,
      subject: { commonName: `localhost@${seconds}` },
      publicKey: leaf.publicKey,
      serial: newSerial(),
      extensions: [extendedKeyUsage(keyPurpose.serverAuth), subjectAltName(['localhost'], [...new Set(addresses)])],
    },
    signer,
  );
  return {
    certificatePem: leafPem + caPem,
    keyPem: leaf.privateKey.export({ type: 'pkcs1', format: 'pem' }),
  };
}

function newSerial(): number {
  return randomInt(2, 2 ** 47);
}

function isUnspecified(address: string): boolean {
  return address === '' || address === '0.0.0.0' || address === '::';
}
