// Edge: the certificates that the client of a TLS connection showed, and whether they were found good, remembered per connection.
import type { X509Certificate } from 'node:crypto';
import { TLSSocket } from 'node:tls';
import { type ChainVerdict, verifyClientChain } from './certificate-chain.ts';
import { connectionOf } from './http2.ts';
import type { CertificatePool } from './trust.ts';

/** The client's end of one TLS connection. */
export interface Peer {
  readonly leaf: X509Certificate;
  /** Does the chain end in this pool now? Verified once per pool and connection while the answer is in force: a no is, for ten seconds. */
  verify(pool: CertificatePool, nowMs: number): ChainVerdict;
}

/** The peer of a request's connection; undefined when the client showed no certificate. */
export type PeerOf = (request: object) => Peer | undefined;

const longestChain = 10;
/** A stranger's chain can be made to take long to refuse, and a connection asks often. */
const refusalMs = 10_000;

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

interface RememberedVerdict {
  readonly verdict: ChainVerdict;
  readonly fromMs: number;
  readonly untilMs: number;
}

function createPeer(leaf: X509Certificate, intermediates: readonly X509Certificate[]): Peer {
  const remembered = new WeakMap<CertificatePool, RememberedVerdict>();
  return {
    leaf,
    verify: (pool, nowMs) => {
      const known = remembered.get(pool);
      if (known !== undefined && nowMs >= known.fromMs && nowMs <= known.untilMs) return known.verdict;
      const verdict = verifyClientChain(leaf, intermediates, pool.certificates, nowMs);
      const inForce = verdict.verified
        ? { fromMs: verdict.notBeforeMs, untilMs: verdict.notAfterMs }
        : { fromMs: nowMs, untilMs: nowMs + refusalMs };
      remembered.set(pool, { verdict, ...inForce });
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
