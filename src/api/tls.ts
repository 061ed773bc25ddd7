// Flow: how connections are encrypted, and with which certificate: the one of the name that the client asks for, else the usual one.
import { constants } from 'node:crypto';
import { createSecureContext, type SecureContext, type SecureContextOptions, type TlsOptions } from 'node:tls';
import { openSslCiphers } from './cipher-suites.ts';
import type { CertificateSource, KeyPair } from './serving-certificate.ts';
import type { TrustSource } from './trust.ts';

export interface TlsSettings {
  /** `--tls-min-version`. */
  readonly tlsMinVersion: 'TLSv1.2' | 'TLSv1.3';
  /** `--tls-cipher-suites`; empty: the defaults. */
  readonly tlsCipherSuites: readonly string[];
}

export interface TlsDeps {
  readonly trust: TrustSource;
  readonly certificate: CertificateSource;
  readonly settings: TlsSettings;
}

/** Asked again after each change of trust or certificates; connections that exist keep what they began with. */
export function tlsOptions(deps: TlsDeps): TlsOptions {
  const { named: _named, ...usual } = deps.certificate.current;
  return {
    ...contextOptions(deps, usual),
    // A certificate is asked for, naming both CAs, and never demanded: who it belongs to is decided per request, in peer.ts.
    requestCert: true,
    rejectUnauthorized: false,
  };
}

function contextOptions({ trust, settings }: TlsDeps, { certificatePem, keyPem }: KeyPair): SecureContextOptions {
  const { clientCa, frontProxy } = trust.current;
  const authorities = [clientCa?.pem, frontProxy?.ca.pem].filter((pem) => pem !== undefined);
  const ciphers = openSslCiphers(settings.tlsCipherSuites);
  return {
    cert: certificatePem,
    key: keyPem,
    minVersion: ciphers === '' ? 'TLSv1.3' : settings.tlsMinVersion,
    ...(ciphers === '' ? {} : { ciphers }),
    ...(authorities.length === 0 ? {} : { ca: authorities }),
    // A resumed session does not carry the intermediates that the client sent, so there are none.
    secureOptions: constants.SSL_OP_NO_TICKET,
  };
}

interface NamedContext {
  readonly names: readonly string[];
  readonly context: SecureContext;
}

/** Chooses the certificate for the name that a client asks for; follows changes by itself. */
export function createSniCallback(deps: TlsDeps): NonNullable<TlsOptions['SNICallback']> {
  const load = (): readonly NamedContext[] =>
    deps.certificate.current.named.map(({ names, ...pair }) => ({
      names,
      context: createSecureContext(contextOptions(deps, pair)),
    }));
  let contexts = load();
  const reload = (): void => {
    contexts = load();
  };
  deps.trust.onChange(reload);
  deps.certificate.onChange(reload);
  return (serverName, callback) => callback(null, contextFor(serverName, contexts));
}

/** The exact name counts before `*.DOMAIN`; of several certificates the first given. undefined: the usual one. */
function contextFor(serverName: string, contexts: readonly NamedContext[]): SecureContext | undefined {
  const name = serverName.toLowerCase();
  const wildcard = `*${name.slice(name.indexOf('.'))}`;
  const find = (wanted: string): NamedContext | undefined => contexts.find(({ names }) => names.includes(wanted));
  return (find(name) ?? find(wildcard))?.context;
}
