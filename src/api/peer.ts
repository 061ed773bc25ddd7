// Edge: the certificates that the client of a TLS connection showed, and whether they were found good, remembered per connection.
import type { X509Certificate } from 'node:crypto';
import { TLSSocket } from 'node:tls';
import { type ChainVerdict, verifyClientChain } from './certificate-chain.ts';
import { connectionOf } from './http2.ts';
import type { CertificatePool } from './trust.ts';

/** The client's end of one TLS connection. */
export interface Peer {
  readonly leaf: X509Certificate;
  /** Does the chain end in this pool now? Asked once per pool and connection as long as the answer is yes and in force. */
  verify(pool: CertificatePool, nowMs: number): ChainVerdict;
}

/** The peer of a request's connection; undefined when the client showed no certificate. */
export type PeerOf = (request: object) => Peer | undefined;

const longestChain = 10;

/** Remembers peers for as long as their connections live. */
export function createPeerReader(): PeerOf {
  const peers = new WeakMap<object, { readonly peer: Peer | undefined }>();
  return (request) => {
    const socket = connectionOf(request);
    if (socket === undefined) return undefined;
    const known = peers.get(socket);
    if (known !== undefined) return known.peer;
    const peer = readPeer(socket);
    peers.set(socket, { peer });
    return peer;
  };
}

function readPeer(socket: object): Peer | undefined {
  if (!(socket instanceof TLSSocket)) return undefined;
  const [leaf, ...intermediates] = shownCertificates(socket);
  return leaf === undefined ? undefined : createPeer(leaf, intermediates);
}

function createPeer(leaf: X509Certificate, intermediates: readonly X509Certificate[]): Peer {
  const verdicts = new WeakMap<CertificatePool, ChainVerdict>();
  return {
    leaf,
    verify: (pool, nowMs) => {
      const known = verdicts.get(pool);
      if (known?.verified === true && nowMs >= known.notBeforeMs && nowMs <= known.notAfterMs) return known;
      const verdict = verifyClientChain(leaf, intermediates, pool.certificates, nowMs);
      verdicts.set(pool, verdict);
      return verdict;
    },
  };
}

function shownCertificates(socket: TLSSocket): readonly X509Certificate[] {
  const shown: X509Certificate[] = [];
  let next = socket.getPeerX509Certificate();
  while (next !== undefined && shown.length < longestChain) {
    shown.push(next);
    next = next.issuerCertificate;
  }
  return shown;
}
