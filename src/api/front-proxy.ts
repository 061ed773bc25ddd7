// Pure: the user that the API server names in headers, believed only from a connection with the front proxy's certificate.
import type { RequestHeaderSettings } from '../kube/authentication-config.ts';
import type { UserInfo } from '../kube/user.ts';
import { type Authentication, type Authenticator, absent, type Credentials } from './authenticate.ts';
import { readCertificateFields } from './certificate-fields.ts';
import { extraValues, firstHeaderValue, headerValues } from './header-values.ts';
import type { Trust } from './trust.ts';

type Headers = Credentials['headers'];

/** Authenticates by request headers (docs/metrics-api.md, M-94). `trust` is asked anew for each request. */
export function frontProxyAuthenticator(trust: () => Trust, now: () => number): Authenticator {
  return ({ headers, peer }) => {
    const { frontProxy } = trust();
    if (peer === undefined || frontProxy === undefined) return absent;
    const verdict = peer.verify(frontProxy.ca, now());
    if (!verdict.verified) return { kind: 'refused', reason: `front proxy: ${verdict.reason}` };
    const { commonName } = readCertificateFields(peer.leaf);
    if (!isAllowed(commonName, frontProxy.headers.allowedNames)) {
      return { kind: 'refused', reason: `front proxy: subject with cn=${commonName} is not in the allowed list` };
    }
    return readUser(headers, frontProxy.headers);
  };
}

function isAllowed(commonName: string, allowedNames: readonly string[]): boolean {
  return allowedNames.length === 0 || allowedNames.includes(commonName);
}

function readUser(headers: Headers, settings: RequestHeaderSettings): Authentication {
  const name = firstNamed(headers, settings.usernameHeaders);
  if (name === '') return absent;
  const user: UserInfo = {
    name,
    uid: firstNamed(headers, settings.uidHeaders),
    groups: settings.groupHeaders
      .flatMap((header) => headerValues(headers, header.trim()))
      .filter((group) => group !== ''),
    extra: readExtra(headers, settings.extraHeaderPrefixes),
  };
  return { kind: 'user', user };
}

/** Of the headers in order, the first whose first value is not empty. */
function firstNamed(headers: Headers, names: readonly string[]): string {
  return names.map((name) => firstHeaderValue(headers, name.trim())).find((value) => value !== '') ?? '';
}

function readExtra(headers: Headers, prefixes: readonly string[]): UserInfo['extra'] {
  const extra = new Map<string, string[]>();
  for (const prefix of prefixes) extraValues(headers, prefix.trim().toLowerCase(), extra);
  return Object.fromEntries(extra);
}
