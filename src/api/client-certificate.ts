// Pure: the user that a client certificate names: common name and organizations.
import { type Authenticator, absent } from './authenticate.ts';
import { readCertificateFields } from './certificate-fields.ts';
import type { Trust } from './trust.ts';

const credentialId = 'authentication.kubernetes.io/credential-id';

/** Authenticates by a certificate that the client CA signed (docs/metrics-api.md, M-93). `trust` is asked anew for each request. */
export function clientCertificateAuthenticator(trust: () => Trust, now: () => number): Authenticator {
  return ({ peer }) => {
    const { clientCa } = trust();
    if (peer === undefined || clientCa === undefined) return absent;
    const verdict = peer.verify(clientCa, now());
    if (!verdict.verified) return { kind: 'refused', reason: `client certificate: ${verdict.reason}` };
    const { commonName, organizations, uids } = readCertificateFields(peer.leaf);
    if (commonName === '') return absent;
    const [uid = '', ...more] = uids;
    if (more.length > 0 || (uids.length === 1 && uid === '')) {
      return { kind: 'refused', reason: 'client certificate: UID must be one text that is not empty' };
    }
    const fingerprint = peer.leaf.fingerprint256.replaceAll(':', '').toLowerCase();
    const extra = { [credentialId]: [`X509SHA256=${fingerprint}`] };
    return { kind: 'user', user: { name: commonName, uid, groups: organizations, extra } };
  };
}
