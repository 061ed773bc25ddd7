// Edge: keys and X.509 certificates of a test cluster (RFC 5280, ECDSA P-256), in PEM.
import { createHash, generateKeyPairSync, type KeyObject, randomBytes, sign } from 'node:crypto';
import { isIP } from 'node:net';
import {
  encodeBitString,
  encodeBoolean,
  encodeContext,
  encodeInteger,
  encodeObjectIdentifier,
  encodeOctetString,
  encodeSequence,
  encodeSet,
  encodeTime,
  encodeUtf8String,
} from './der.ts';

// Certificates start in the past so that a component whose clock is a little behind accepts them.
const BACKDATE_MS = 60 * 60 * 1000;
const LIFETIME_MS = 365 * 24 * 60 * 60 * 1000;

const oids = {
  commonName: '2.5.4.3',
  organization: '2.5.4.10',
  subjectKeyIdentifier: '2.5.29.14',
  keyUsage: '2.5.29.15',
  subjectAlternativeName: '2.5.29.17',
  basicConstraints: '2.5.29.19',
  authorityKeyIdentifier: '2.5.29.35',
  extendedKeyUsage: '2.5.29.37',
  serverAuth: '1.3.6.1.5.5.7.3.1',
  clientAuth: '1.3.6.1.5.5.7.3.2',
  ecdsaWithSha256: '1.2.840.10045.4.3.2',
} as const;

/** A certificate with its private key (PKCS #8). */
export interface KeyPairPem {
  readonly certificatePem: string;
  readonly keyPem: string;
}

export interface Authority extends KeyPairPem {
  issue(request: CertificateRequest): KeyPairPem;
}

interface CertificateRequest {
  readonly commonName: string;
  /** Become the user's groups for Kubernetes. */
  readonly organizations?: readonly string[];
  readonly usage: 'client' | 'server' | 'both';
  /** DNS names and IPv4 addresses a server certificate is good for. */
  readonly hosts?: readonly string[];
  readonly notBefore?: Date;
  readonly notAfter?: Date;
}

interface Keys {
  readonly publicKey: KeyObject;
  readonly privateKey: KeyObject;
}

/** A self-signed certificate authority. */
export function createAuthority(commonName: string): Authority {
  const keys = generateKeys();
  const subject = encodeName({ commonName });
  const certificatePem = signCertificate({
    subject,
    issuer: subject,
    publicKey: keys.publicKey,
    issuerKey: keys.privateKey,
    validity: encodeValidity({}),
    extensions: [
      encodeExtension(oids.basicConstraints, encodeSequence(encodeBoolean(true)), { critical: true }),
      // keyCertSign (5) and cRLSign (6), counted from the top bit
      encodeExtension(oids.keyUsage, encodeBitString(Buffer.from([0b0000_0110]), 1), { critical: true }),
      encodeExtension(oids.subjectKeyIdentifier, encodeOctetString(keyIdentifier(keys.publicKey))),
    ],
  });
  return {
    certificatePem,
    keyPem: privateKeyPem(keys),
    issue: (request) => issueCertificate({ subject, keys }, request),
  };
}

/** The pair that signs and verifies service-account tokens. */
export function createSigningKeys(): { privateKeyPem: string; publicKeyPem: string } {
  const keys = generateKeys();
  return {
    privateKeyPem: privateKeyPem(keys),
    publicKeyPem: keys.publicKey.export({ type: 'spki', format: 'pem' }),
  };
}

function issueCertificate(issuer: { subject: Buffer; keys: Keys }, request: CertificateRequest): KeyPairPem {
  const keys = generateKeys();
  const { hosts = [], usage } = request;
  const usages = [
    ...(usage === 'server' ? [] : [encodeObjectIdentifier(oids.clientAuth)]),
    ...(usage === 'client' ? [] : [encodeObjectIdentifier(oids.serverAuth)]),
  ];
  const issuerKeyIdentifier = encodeContext(0, keyIdentifier(issuer.keys.publicKey), 'primitive');
  const certificatePem = signCertificate({
    subject: encodeName(request),
    issuer: issuer.subject,
    publicKey: keys.publicKey,
    issuerKey: issuer.keys.privateKey,
    validity: encodeValidity(request),
    extensions: [
      encodeExtension(oids.basicConstraints, encodeSequence(), { critical: true }),
      // digitalSignature (0)
      encodeExtension(oids.keyUsage, encodeBitString(Buffer.from([0b1000_0000]), 7), { critical: true }),
      encodeExtension(oids.extendedKeyUsage, encodeSequence(...usages)),
      encodeExtension(oids.authorityKeyIdentifier, encodeSequence(issuerKeyIdentifier)),
      ...(hosts.length === 0
        ? []
        : [encodeExtension(oids.subjectAlternativeName, encodeSequence(...hosts.map(encodeHost)))]),
    ],
  });
  return { certificatePem, keyPem: privateKeyPem(keys) };
}

interface CertificateParts {
  readonly subject: Buffer;
  readonly issuer: Buffer;
  readonly publicKey: KeyObject;
  readonly issuerKey: KeyObject;
  readonly validity: Buffer;
  readonly extensions: readonly Buffer[];
}

// RFC 5280 section 4.1: the part to be signed, how it is signed, the signature.
function signCertificate(parts: CertificateParts): string {
  const algorithm = encodeSequence(encodeObjectIdentifier(oids.ecdsaWithSha256));
  const toBeSigned = encodeSequence(
    encodeContext(0, encodeInteger(Buffer.from([2])), 'constructed'), // version 3
    encodeInteger(serialNumber()),
    algorithm,
    parts.issuer,
    parts.validity,
    parts.subject,
    parts.publicKey.export({ type: 'spki', format: 'der' }),
    encodeContext(3, encodeSequence(...parts.extensions), 'constructed'),
  );
  const signature = encodeBitString(sign('sha256', toBeSigned, parts.issuerKey));
  return pem('CERTIFICATE', encodeSequence(toBeSigned, algorithm, signature));
}

// Positive and never zero, as section 4.1.2.2 asks.
function serialNumber(): Buffer {
  const bytes = randomBytes(16);
  bytes[0] = ((bytes[0] ?? 0) & 0x7f) | 0x40;
  return bytes;
}

function encodeName({
  organizations = [],
  commonName,
}: Pick<CertificateRequest, 'organizations' | 'commonName'>): Buffer {
  const attribute = (oid: string, value: string): Buffer =>
    encodeSet(encodeSequence(encodeObjectIdentifier(oid), encodeUtf8String(value)));
  return encodeSequence(
    ...organizations.map((organization) => attribute(oids.organization, organization)),
    attribute(oids.commonName, commonName),
  );
}

function encodeValidity({ notBefore, notAfter }: Pick<CertificateRequest, 'notBefore' | 'notAfter'>): Buffer {
  return encodeSequence(
    encodeTime(notBefore ?? new Date(Date.now() - BACKDATE_MS)),
    encodeTime(notAfter ?? new Date(Date.now() + LIFETIME_MS)),
  );
}

function encodeExtension(oid: string, value: Buffer, { critical = false } = {}): Buffer {
  return encodeSequence(
    encodeObjectIdentifier(oid),
    ...(critical ? [encodeBoolean(true)] : []),
    encodeOctetString(value),
  );
}

// Section 4.2.1.6: dNSName is [2], iPAddress is [7].
function encodeHost(host: string): Buffer {
  return isIP(host) === 4
    ? encodeContext(7, Buffer.from(host.split('.').map(Number)), 'primitive')
    : encodeContext(2, Buffer.from(host, 'ascii'), 'primitive');
}

// Section 4.2.1.2 suggests a hash of the key; any value that is the same in both places will do.
function keyIdentifier(key: KeyObject): Buffer {
  return createHash('sha256')
    .update(key.export({ type: 'spki', format: 'der' }))
    .digest()
    .subarray(0, 20);
}

function generateKeys(): Keys {
  return generateKeyPairSync('ec', { namedCurve: 'P-256' });
}

function privateKeyPem({ privateKey }: Keys): string {
  return privateKey.export({ type: 'pkcs8', format: 'pem' });
}

function pem(label: string, der: Buffer): string {
  const lines = der.toString('base64').match(/.{1,64}/g) ?? [];
  return `-----BEGIN ${label}-----\n${lines.join('\n')}\n-----END ${label}-----\n`;
}
