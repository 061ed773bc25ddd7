// Pure but for the signature's randomness: issues X.509 certificates (RFC 5280), for serving when no certificate was given.
import { createHash, type KeyObject, sign } from 'node:crypto';
import { isIPv4 } from 'node:net';
import { formatTimeSeconds } from '../lib/time.ts';
import { derTag, writeBitString, writeDer, writeInteger, writeOid } from './der.ts';

interface CertificateName {
  readonly commonName: string;
  readonly organizations?: readonly string[];
}

export interface CertificateExtension {
  readonly oid: string;
  readonly critical: boolean;
  readonly value: Buffer;
}

export interface CertificateRequest {
  readonly subject: CertificateName;
  readonly publicKey: KeyObject;
  readonly serial: number;
  readonly notBeforeMs: number;
  readonly notAfterMs: number;
  readonly extensions: readonly CertificateExtension[];
}

/** Who signs: the subject itself for a root. RSA and EC keys. */
export interface CertificateSigner {
  readonly name: CertificateName;
  readonly privateKey: KeyObject;
  readonly publicKey: KeyObject;
}

const oid = {
  commonName: '2.5.4.3',
  organization: '2.5.4.10',
  subjectKeyIdentifier: '2.5.29.14',
  keyUsage: '2.5.29.15',
  subjectAltName: '2.5.29.17',
  basicConstraints: '2.5.29.19',
  authorityKeyIdentifier: '2.5.29.35',
  extendedKeyUsage: '2.5.29.37',
  sha256WithRsa: '1.2.840.113549.1.1.11',
  sha256WithEcdsa: '1.2.840.10045.4.3.2',
} as const;

export const keyPurpose = { serverAuth: '1.3.6.1.5.5.7.3.1', clientAuth: '1.3.6.1.5.5.7.3.2' } as const;

/** A signed certificate as PEM. */
export function issueCertificate(request: CertificateRequest, signer: CertificateSigner): string {
  const algorithm = signatureAlgorithm(signer.privateKey);
  const body = writeDer(
    derTag.sequence,
    writeDer(0xa0, writeInteger(2)),
    writeInteger(request.serial),
    algorithm,
    writeName(signer.name),
    writeDer(derTag.sequence, writeTime(request.notBeforeMs), writeTime(request.notAfterMs)),
    writeName(request.subject),
    request.publicKey.export({ type: 'spki', format: 'der' }),
    writeDer(0xa3, writeDer(derTag.sequence, ...allExtensions(request, signer).map(writeExtension))),
  );
  const signature = sign('sha256', body, signer.privateKey);
  return toPem('CERTIFICATE', writeDer(derTag.sequence, body, algorithm, writeBitString(signature)));
}

function allExtensions(request: CertificateRequest, signer: CertificateSigner): readonly CertificateExtension[] {
  const own = writeDer(derTag.octetString, keyIdentifier(request.publicKey));
  const authority = writeDer(derTag.sequence, writeDer(0x80, keyIdentifier(signer.publicKey)));
  return [
    ...request.extensions,
    { oid: oid.subjectKeyIdentifier, critical: false, value: own },
    { oid: oid.authorityKeyIdentifier, critical: false, value: authority },
  ];
}

function keyIdentifier(key: KeyObject): Buffer {
  return createHash('sha1')
    .update(key.export({ type: 'spki', format: 'der' }))
    .digest();
}

function signatureAlgorithm(key: KeyObject): Buffer {
  return key.asymmetricKeyType === 'rsa'
    ? writeDer(derTag.sequence, writeOid(oid.sha256WithRsa), writeDer(derTag.null))
    : writeDer(derTag.sequence, writeOid(oid.sha256WithEcdsa));
}

function writeName({ commonName, organizations = [] }: CertificateName): Buffer {
  const attribute = (type: string, value: string): Buffer =>
    writeDer(
      derTag.set,
      writeDer(derTag.sequence, writeOid(type), writeDer(derTag.utf8String, Buffer.from(value, 'utf8'))),
    );
  return writeDer(
    derTag.sequence,
    ...organizations.map((organization) => attribute(oid.organization, organization)),
    ...(commonName === '' ? [] : [attribute(oid.commonName, commonName)]),
  );
}

/** RFC 5280 wants two-digit years until 2049 and four-digit years from 2050. */
function writeTime(ms: number): Buffer {
  const digits = `${formatTimeSeconds(ms).replaceAll(/[-:TZ]/g, '')}Z`;
  return digits < '2050'
    ? writeDer(derTag.utcTime, Buffer.from(digits.slice(2), 'latin1'))
    : writeDer(derTag.generalizedTime, Buffer.from(digits, 'latin1'));
}

function writeExtension({ oid: type, critical, value }: CertificateExtension): Buffer {
  return writeDer(
    derTag.sequence,
    writeOid(type),
    ...(critical ? [writeDer(derTag.boolean, Buffer.from([0xff]))] : []),
    writeDer(derTag.octetString, value),
  );
}

/** May issue certificates, at most `pathLength` CAs deep below it when given. */
export function authorityExtensions(pathLength?: number): readonly CertificateExtension[] {
  const constraints = writeDer(
    derTag.sequence,
    writeDer(derTag.boolean, Buffer.from([0xff])),
    ...(pathLength === undefined ? [] : [writeInteger(pathLength)]),
  );
  // keyCertSign is bit 5.
  const usage = writeBitString(Buffer.from([0x04]), 2);
  return [
    { oid: oid.basicConstraints, critical: true, value: constraints },
    { oid: oid.keyUsage, critical: true, value: usage },
  ];
}

export function extendedKeyUsage(...purposes: readonly string[]): CertificateExtension {
  return { oid: oid.extendedKeyUsage, critical: false, value: writeDer(derTag.sequence, ...purposes.map(writeOid)) };
}

export function subjectAltName(dnsNames: readonly string[], ipAddresses: readonly string[]): CertificateExtension {
  const names = [
    ...dnsNames.map((name) => writeDer(0x82, Buffer.from(name, 'latin1'))),
    ...ipAddresses.map((address) => writeDer(0x87, addressBytes(address))),
  ];
  return { oid: oid.subjectAltName, critical: false, value: writeDer(derTag.sequence, ...names) };
}

function addressBytes(address: string): Buffer {
  if (isIPv4(address)) return Buffer.from(address.split('.').map(Number));
  const [head = '', tail] = address.split('::');
  const groups = (text: string): readonly string[] => (text === '' ? [] : text.split(':'));
  const left = groups(head);
  const right = groups(tail ?? '');
  const zeros = tail === undefined ? 0 : 8 - left.length - right.length;
  const all = [...left, ...Array<string>(zeros).fill('0'), ...right].map((group) => group.padStart(4, '0'));
  return Buffer.from(all.join(''), 'hex');
}

function toPem(label: string, bytes: Buffer): string {
  const lines = bytes.toString('base64').match(/.{1,64}/g) ?? [];
  return `-----BEGIN ${label}-----\n${lines.join('\n')}\n-----END ${label}-----\n`;
}
