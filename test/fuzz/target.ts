// Edge: connections to the Headroom under test, as raw as one likes.
import { connect as connectTcp, type Socket } from 'node:net';
import { connect as connectTls, type TLSSocket } from 'node:tls';
import type { KeyPairPem } from '../cluster/pki.ts';

/** Somebody who calls; nothing given is a stranger. */
export interface Caller {
  readonly name: string;
  readonly certificate?: KeyPairPem;
  readonly headers?: Readonly<Record<string, string>>;
}

export interface Target {
  readonly port: number;
  /** Strangers, the administrator, and an ordinary user, who may read metrics. */
  readonly callers: readonly Caller[];
  readonly user: Caller;
}

export const host = '127.0.0.1';
const connectTimeoutMs = 20_000;

/** Without TLS. Errors of the socket are nobody's news afterwards. */
export function openTcp(target: Target): Promise<Socket> {
  const socket = connectTcp({ host, port: target.port });
  return opened(socket, 'connect');
}

export function openTls(target: Target, caller: Caller, protocol: 'h2' | 'http/1.1' = 'http/1.1'): Promise<TLSSocket> {
  const socket = connectTls({
    host,
    port: target.port,
    rejectUnauthorized: false,
    ALPNProtocols: [protocol],
    ...tlsIdentity(caller),
  });
  return opened(socket, 'secureConnect');
}

export function tlsIdentity({ certificate }: Caller): { readonly cert?: string; readonly key?: string } {
  return certificate === undefined ? {} : { cert: certificate.certificatePem, key: certificate.keyPem };
}

function opened<S extends Socket>(socket: S, event: 'connect' | 'secureConnect'): Promise<S> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => socket.destroy(new Error('no connection in time')), connectTimeoutMs);
    socket.on('error', reject);
    socket.once('close', () => {
      clearTimeout(timer);
      reject(new Error('closed'));
    });
    socket.once(event, () => {
      clearTimeout(timer);
      resolve(socket);
    });
  });
}

/** The header lines of a caller. */
export function headerLines({ headers = {} }: Caller): string {
  return Object.entries(headers)
    .map(([name, value]) => `${name}: ${value}\r\n`)
    .join('');
}
