// Pure: cipher suites by the names that flags give them (those of Go and IANA), as OpenSSL names them.

/** Those of TLS 1.2. The ones of TLS 1.3 cannot be chosen, here as with the reference. */
const suites = {
  TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256: 'ECDHE-ECDSA-AES128-GCM-SHA256',
  TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256: 'ECDHE-RSA-AES128-GCM-SHA256',
  TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384: 'ECDHE-ECDSA-AES256-GCM-SHA384',
  TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384: 'ECDHE-RSA-AES256-GCM-SHA384',
  TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256: 'ECDHE-ECDSA-CHACHA20-POLY1305',
  TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256: 'ECDHE-RSA-CHACHA20-POLY1305',
  TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305: 'ECDHE-ECDSA-CHACHA20-POLY1305',
  TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305: 'ECDHE-RSA-CHACHA20-POLY1305',
  TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA: 'ECDHE-ECDSA-AES128-SHA',
  TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA: 'ECDHE-RSA-AES128-SHA',
  TLS_ECDHE_ECDSA_WITH_AES_256_CBC_SHA: 'ECDHE-ECDSA-AES256-SHA',
  TLS_ECDHE_RSA_WITH_AES_256_CBC_SHA: 'ECDHE-RSA-AES256-SHA',
  TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA256: 'ECDHE-ECDSA-AES128-SHA256',
  TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA256: 'ECDHE-RSA-AES128-SHA256',
  TLS_RSA_WITH_AES_128_GCM_SHA256: 'AES128-GCM-SHA256',
  TLS_RSA_WITH_AES_256_GCM_SHA384: 'AES256-GCM-SHA384',
  TLS_RSA_WITH_AES_128_CBC_SHA256: 'AES128-SHA256',
  TLS_RSA_WITH_AES_128_CBC_SHA: 'AES128-SHA',
  TLS_RSA_WITH_AES_256_CBC_SHA: 'AES256-SHA',
} as const;

const laterSuites = ['TLS_AES_128_GCM_SHA256', 'TLS_AES_256_GCM_SHA384', 'TLS_CHACHA20_POLY1305_SHA256'];

/** As Go has them: forward secrecy, in this order. */
const defaults = [
  suites.TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256,
  suites.TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256,
  suites.TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384,
  suites.TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384,
  suites.TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256,
  suites.TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256,
  suites.TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA,
  suites.TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA,
  suites.TLS_ECDHE_ECDSA_WITH_AES_256_CBC_SHA,
  suites.TLS_ECDHE_RSA_WITH_AES_256_CBC_SHA,
];

/** The names that are none, for `--tls-cipher-suites`. */
export function unknownCipherSuites(names: readonly string[]): readonly string[] {
  return names.filter((name) => !Object.hasOwn(suites, name) && !laterSuites.includes(name));
}

/** OpenSSL's list for TLS 1.2; no names: the defaults. '' when only suites of TLS 1.3 were named, so nothing older can be spoken. */
export function openSslCiphers(names: readonly string[]): string {
  if (names.length === 0) return defaults.join(':');
  return Object.entries(suites)
    .filter(([name]) => names.includes(name))
    .map(([, openSslName]) => openSslName)
    .join(':');
}
