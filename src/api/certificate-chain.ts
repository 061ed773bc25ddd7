// Pure: does a client's certificate chain to one of these roots? One question per set of roots, which TLS alone cannot answer: the
// handshake proves that the client has the key; who signed for it is decided here, apart for front proxies and for users.
import type { X509Certificate } from 'node:crypto';
import { errorMessage } from '../lib/errors.ts';
import { type CertificateFields, readCertificateFields } from './certificate-fields.ts';
import { keyPurpose } from './certificate-issuer.ts';

/** A verified chain is good between the two instants (milliseconds since the epoch), which must still be compared with now. */
export type ChainVerdict =
  | { readonly verified: true; readonly notBeforeMs: number; readonly notAfterMs: number }
  | { readonly verified: false; readonly reason: string };

const anyPurpose = '2.5.29.37.0';
/** keyUsage, subjectAltName, basicConstraints, certificatePolicies, extendedKeyUsage. Anything else critical is refused, as RFC 5280 asks. */
const understoodExtensions = new Set(['2.5.29.15', '2.5.29.17', '2.5.29.19', '2.5.29.32', '2.5.29.37']);
const brokenSignatures = /md2|md4|md5|sha1(?!\d)/i;
const longestChain = 8;
/** Crossed and repeated intermediates must not turn one request into exponential work. */
const mostIssuers = 100;

interface Search {
  readonly roots: readonly X509Certificate[];
  readonly intermediates: readonly X509Certificate[];
  readonly nowMs: number;
  /** Issuers that were tried. */
  issuers: number;
  reason: string;
}

/**
 * Looks for a path from `leaf` over `intermediates` (as the client sent them) to one of `roots`, all valid now, each allowed to sign the next
 * and none restricted to other purposes than client authentication (docs/metrics-api.md, M-94). A root need not be self-signed.
 */
export function verifyClientChain(
  leaf: X509Certificate,
  intermediates: readonly X509Certificate[],
  roots: readonly X509Certificate[],
  nowMs: number,
): ChainVerdict {
  const search: Search = {
    roots,
    intermediates,
    nowMs,
    issuers: 0,
    reason: 'certificate signed by unknown authority',
  };
  try {
    const path = findPath(search, [leaf]);
    if (path === undefined) return { verified: false, reason: search.reason };
    return {
      verified: true,
      notBeforeMs: Math.max(...path.map((certificate) => certificate.validFromDate.getTime())),
      notAfterMs: Math.min(...path.map((certificate) => certificate.validToDate.getTime())),
    };
  } catch (error) {
    return { verified: false, reason: errorMessage(error) };
  }
}

/** Extends `path`, which starts at the leaf, until its end is a root. */
function findPath(search: Search, path: readonly X509Certificate[]): readonly X509Certificate[] | undefined {
  const last = path.at(-1);
  if (last === undefined) return undefined;
  const fault = faultOf(last, path.length - 1, search.nowMs);
  if (fault !== undefined) {
    search.reason = fault;
    return undefined;
  }
  if (search.roots.some((root) => isSame(root, last))) return isSigned(search, path) ? path : undefined;
  if (path.length === longestChain) return undefined;
  for (const issuer of [...search.roots, ...search.intermediates]) {
    if (path.some((member) => isSame(member, issuer)) || !isNamedBy(search, issuer, last)) continue;
    const found = findPath(search, [...path, issuer]);
    if (found !== undefined) return found;
  }
  return undefined;
}

/** Why a certificate with `below` certificates under it (0: the leaf) may not be part of a path; undefined when it may. */
function faultOf(certificate: X509Certificate, below: number, nowMs: number): string | undefined {
  if (nowMs < certificate.validFromDate.getTime() || nowMs > certificate.validToDate.getTime()) {
    return 'certificate has expired or is not yet valid';
  }
  const purposes: readonly string[] | undefined = certificate.keyUsage;
  if (purposes !== undefined && !purposes.includes(keyPurpose.clientAuth) && !purposes.includes(anyPurpose)) {
    return 'certificate specifies an incompatible key usage';
  }
  const fields = readCertificateFields(certificate);
  if (fields.criticalExtensions.some((oid) => !understoodExtensions.has(oid))) return 'unhandled critical extension';
  return below === 0 ? undefined : authorityFault(certificate, fields, below);
}

function authorityFault(
  certificate: X509Certificate,
  { pathLength }: CertificateFields,
  below: number,
): string | undefined {
  if (!certificate.ca) return 'certificate is not authorized to sign other certificates';
  // The leaf does not count.
  return pathLength !== undefined && below - 1 > pathLength
    ? 'too many intermediates for path length constraint'
    : undefined;
}

/** By names, key identifiers and the issuer's right to sign certificates. Signatures come when a path has reached a root. */
function isNamedBy(search: Search, issuer: X509Certificate, subject: X509Certificate): boolean {
  if (!subject.checkIssued(issuer)) return false;
  search.issuers += 1;
  if (search.issuers > mostIssuers) throw new RangeError('too many issuers tried while verifying certificate chain');
  return true;
}

/**
 * From the root down: anybody may send certificates with keys as large as they like, and whoever made them up is found out by the first check,
 * which is one with a key that we trust.
 */
function isSigned(search: Search, path: readonly X509Certificate[]): boolean {
  return path.every((_member, below) => {
    const [issuer, subject] = [path.at(-1 - below), path.at(-2 - below)];
    return issuer === undefined || subject === undefined || isSignedBy(search, issuer, subject);
  });
}

function isSignedBy(search: Search, issuer: X509Certificate, subject: X509Certificate): boolean {
  if (brokenSignatures.test(subject.signatureAlgorithm ?? '')) {
    search.reason = `cannot verify signature: insecure algorithm ${subject.signatureAlgorithm}`;
    return false;
  }
  return subject.verify(issuer.publicKey);
}

function isSame(a: X509Certificate, b: X509Certificate): boolean {
  return a.fingerprint256 === b.fingerprint256;
}
