// Pure: what node:crypto's X509Certificate does not tell: the subject's parts without a text format in between, and extensions.
import type { X509Certificate } from 'node:crypto';
import { type DerValue, derTag, readDer, readOid } from './der.ts';

export interface CertificateFields {
  /** The last common name; '' when there is none. */
  readonly commonName: string;
  readonly organizations: readonly string[];
  /** Kubernetes' own attribute for a user's UID, 1.3.6.1.4.1.57683.2. */
  readonly uids: readonly string[];
  /** How many CAs may stand between this one and the leaf; undefined: any number. */
  readonly pathLength: number | undefined;
  /** Object identifiers of the extensions that a verifier must understand or refuse. */
  readonly criticalExtensions: readonly string[];
}

const commonNameOid = '2.5.4.3';
const organizationOid = '2.5.4.10';
const uidOid = '1.3.6.1.4.1.57683.2';
const basicConstraintsOid = '2.5.29.19';
const bmpString = 0x1e;
const t61String = 0x14;
const explicitVersion = 0xa0;
const explicitExtensions = 0xa3;

interface Extension {
  readonly oid: string;
  readonly critical: boolean;
  readonly value: Buffer;
}

/** Throws RangeError for bytes that are no certificate. */
export function readCertificateFields(certificate: X509Certificate): CertificateFields {
  const body = childrenOf(childrenOf(readDer(certificate.raw)[0])[0]);
  // version (optional), serial, signature algorithm, issuer, validity, subject, ...
  const subject = attributesOf(body[body[0]?.tag === explicitVersion ? 5 : 4]);
  const valuesOf = (oid: string): readonly string[] =>
    subject.filter((part) => part.oid === oid).map((part) => part.text);
  const extensions = extensionsOf(body.find((value) => value.tag === explicitExtensions));
  return {
    commonName: valuesOf(commonNameOid).at(-1) ?? '',
    organizations: valuesOf(organizationOid),
    uids: valuesOf(uidOid),
    pathLength: pathLengthOf(extensions.find((extension) => extension.oid === basicConstraintsOid)),
    criticalExtensions: extensions.filter((extension) => extension.critical).map((extension) => extension.oid),
  };
}

function childrenOf(value: DerValue | undefined): readonly DerValue[] {
  if (value === undefined) throw new RangeError('certificate ends too early');
  return readDer(value.content);
}

function attributesOf(name: DerValue | undefined): readonly { readonly oid: string; readonly text: string }[] {
  return childrenOf(name)
    .flatMap((set) => childrenOf(set))
    .map((attribute) => {
      const [type, value] = childrenOf(attribute);
      if (type === undefined || value === undefined) throw new RangeError('certificate name without a value');
      return { oid: readOid(type.content), text: textOf(value) };
    });
}

function textOf({ tag, content }: DerValue): string {
  if (tag === bmpString) return Buffer.from(content).swap16().toString('utf16le');
  return content.toString(tag === t61String ? 'latin1' : 'utf8');
}

function extensionsOf(wrapped: DerValue | undefined): readonly Extension[] {
  if (wrapped === undefined) return [];
  return childrenOf(childrenOf(wrapped)[0]).map((extension) => {
    const [type, ...rest] = childrenOf(extension);
    const value = rest.at(-1);
    if (type === undefined || value?.tag !== derTag.octetString)
      throw new RangeError('certificate extension without a value');
    const critical = rest.length === 2 && rest[0]?.content[0] !== 0;
    return { oid: readOid(type.content), critical, value: value.content };
  });
}

function pathLengthOf(constraints: Extension | undefined): number | undefined {
  if (constraints === undefined) return undefined;
  const length = childrenOf(readDer(constraints.value)[0]).find((value) => value.tag === derTag.integer);
  return length === undefined ? undefined : length.content.readUIntBE(0, Math.min(length.content.length, 6));
}
