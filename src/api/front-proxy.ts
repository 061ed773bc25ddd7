// Pure: the user that the API server names in headers, believed only from a connection with the front proxy's certificate.
import type { RequestHeaderSettings } from '../kube/authentication-config.ts';
import type { UserInfo } from '../kube/user.ts';
import { type Authentication, type Authenticator, absent, type Credentials } from './authenticate.ts';
import { readCertificateFields } from './certificate-fields.ts';
import type { Trust } from './trust.ts';

type Headers = Credentials['headers'];

const beyondAscii = /[\u0080-\u00ff]/;

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
  const name = firstValue(headers, settings.usernameHeaders);
  if (name === '') return absent;
  const user: UserInfo = {
    name,
    uid: firstValue(headers, settings.uidHeaders),
    groups: settings.groupHeaders.flatMap((header) => valuesOf(headers, header)).filter((group) => group !== ''),
    extra: readExtra(headers, settings.extraHeaderPrefixes),
  };
  return { kind: 'user', user };
}

/** Of the headers in order, the first whose first value is not empty. */
function firstValue(headers: Headers, names: readonly string[]): string {
  for (const name of names) {
    const value = valuesOf(headers, name)[0];
    if (value !== undefined && value !== '') return value;
  }
  return '';
}

function valuesOf(headers: Headers, name: string): readonly string[] {
  return (headers[name.trim().toLowerCase()] ?? []).map(decodeUtf8);
}

/** Node reads header bytes as Latin-1; the API server sends UTF-8. */
function decodeUtf8(value: string): string {
  return beyondAscii.test(value) ? Buffer.from(value, 'latin1').toString('utf8') : value;
}

/** Keys are the rest of the header's name in lower case, %-decoded: they may hold what a header's name may not. */
function readExtra(headers: Headers, prefixes: readonly string[]): UserInfo['extra'] {
  const extra = new Map<string, string[]>();
  for (const prefix of prefixes.map((text) => text.trim().toLowerCase())) {
    for (const header of Object.keys(headers)) {
      if (!header.startsWith(prefix)) continue;
      const key = decodePercent(header.slice(prefix.length));
      extra.set(key, [...(extra.get(key) ?? []), ...valuesOf(headers, header)]);
    }
  }
  return Object.fromEntries(extra);
}

function decodePercent(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
