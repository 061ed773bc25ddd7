// Certificates for tests: authorities, and what they sign. Valid from 2020 to 2060 unless told otherwise.
import { generateKeyPairSync, type KeyObject } from 'node:crypto';
import {
  authorityExtensions,
  type CertificateExtension,
  type CertificateSigner,
  extendedKeyUsage,
  issueCertificate,
  keyPurpose,
  subjectAltName,
} from '../../src/api/certificate-issuer.ts';

const from2020Ms = Date.UTC(2020, 0, 1);
const until2060Ms = Date.UTC(2060, 0, 1);

export interface Identity extends CertificateSigner {
  readonly certificatePem: string;
  readonly keyPem: string;
}

export interface IdentityOptions {
  readonly organizations?: readonly string[];
  readonly notBeforeMs?: number;
  readonly notAfterMs?: number;
  readonly extensions?: readonly CertificateExtension[];
}

let serial = 1;

function newKeys(): { publicKey: KeyObject; privateKey: KeyObject } {
  return generateKeyPairSync('ec', { namedCurve: 'P-256' });
}

export function identity(
  commonName: string,
  signer: CertificateSigner | undefined,
  options: IdentityOptions = {},
): Identity {
  const { organizations = [], notBeforeMs = from2020Ms, notAfterMs = until2060Ms, extensions = [] } = options;
  const keys = newKeys();
  const name = { commonName, organizations };
  serial += 1;
  const certificatePem = issueCertificate(
    { subject: name, publicKey: keys.publicKey, serial, notBeforeMs, notAfterMs, extensions },
    signer ?? { name, ...keys },
  );
  return { name, ...keys, certificatePem, keyPem: keys.privateKey.export({ type: 'pkcs8', format: 'pem' }) };
}

export function authority(
  commonName: string,
  signer?: CertificateSigner,
  options: IdentityOptions & { pathLength?: number } = {},
): Identity {
  return identity(commonName, signer, { extensions: authorityExtensions(options.pathLength), ...options });
}

export function client(commonName: string, signer: CertificateSigner, options: IdentityOptions = {}): Identity {
  return identity(commonName, signer, { extensions: [extendedKeyUsage(keyPurpose.clientAuth)], ...options });
}

export function servingIdentity(commonName: string, signer: CertificateSigner): Identity {
  const names = subjectAltName(['localhost'], ['127.0.0.1', '::1']);
  return identity(commonName, signer, { extensions: [extendedKeyUsage(keyPurpose.serverAuth), names] });
}
