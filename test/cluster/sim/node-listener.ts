// Edge: one TCP listener for every simulated node. The local address of a connection says which node was meant.
//
//   0.0.0.0:port --- 127.16.1.1 --> node 0 --.                         .-- HTTP/1.1
//                    127.16.1.2 --> node 1 --+--> TLS (certificate of --+
//                    …                       '     the node's group)    '-- HTTP/2
//
// A certificate names the addresses of a group of nodes: one per node would cost a TLS context of tens of kilobytes for each
// of thousands, one for all would put thousands of names into every handshake.

import type { IncomingMessage, ServerResponse } from 'node:http';
import { createSecureServer, type Http2SecureServer } from 'node:http2';
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import { type Authority, createAuthority, type KeyPairPem } from '../pki.ts';

const nodesPerCertificate = 4;
/** As Go's server for kubelets: idle connections stay open longer than two scrapes are apart. */
const keepAliveMs = 90_000;
const backlog = 4096;

export interface ListenerNode {
  readonly name: string;
  readonly address: string;
}

/** How the listener treats new connections of a node. */
export type ConnectionPolicy = 'serve' | 'reset' | 'wrong-certificate';

export interface NodeListenerOptions<Node extends ListenerNode> {
  readonly nodes: readonly Node[];
  readonly port: number;
  readonly authority: Pick<Authority, 'issue'>;
  /** Client certificates that chain to it are shown to the handler as authorized. */
  readonly clientCaPem: string | undefined;
  policyOf(node: Node): ConnectionPolicy;
  answer(node: Node, request: IncomingMessage, response: ServerResponse): void;
}

export class NodeListener<Node extends ListenerNode> {
  readonly #options: NodeListenerOptions<Node>;
  readonly #byAddress: ReadonlyMap<string, Node>;
  readonly #tlsByAddress = new Map<string, Http2SecureServer>();
  readonly #wrongTls: Http2SecureServer;
  readonly #sockets = new Map<Node, Set<Socket>>();
  readonly #tcp: Server;

  constructor(options: NodeListenerOptions<Node>) {
    this.#options = options;
    this.#byAddress = new Map(options.nodes.map((node) => [node.address, node]));
    for (let first = 0; first < options.nodes.length; first += nodesPerCertificate) {
      const group = options.nodes.slice(first, first + nodesPerCertificate);
      const tls = this.#createTls(issueServing(options.authority, group));
      for (const node of group) this.#tlsByAddress.set(node.address, tls);
    }
    this.#wrongTls = this.#createTls(
      issueServing(createAuthority('another-authority'), [{ name: 'elsewhere.example', address: '192.0.2.1' }]),
    );
    this.#tcp = createServer((socket) => this.#accept(socket));
  }

  /** Resolves with the port once connections are accepted. */
  listen(): Promise<number> {
    return new Promise((resolve, reject) => {
      this.#tcp.once('error', reject);
      this.#tcp.listen({ host: '0.0.0.0', port: this.#options.port, backlog, exclusive: true }, () => {
        this.#tcp.off('error', reject);
        resolve((this.#tcp.address() as AddressInfo).port);
      });
    });
  }

  /** Connections that are open now. */
  get connections(): number {
    let count = 0;
    for (const sockets of this.#sockets.values()) count += sockets.size;
    return count;
  }

  /** Resets every open connection of a node, so that a new policy is met by the next request. */
  dropConnections(node: Node): void {
    for (const socket of this.#sockets.get(node) ?? []) socket.resetAndDestroy();
  }

  async close(): Promise<void> {
    const closed = new Promise<void>((resolve) => this.#tcp.close(() => resolve()));
    for (const sockets of this.#sockets.values()) for (const socket of sockets) socket.destroy();
    await closed;
  }

  #accept(socket: Socket): void {
    const node = this.#byAddress.get(socket.localAddress ?? '');
    // A client that resets its connection is no news to a server.
    socket.on('error', () => undefined);
    if (node === undefined) {
      socket.destroy();
      return;
    }
    const policy = this.#options.policyOf(node);
    if (policy === 'reset') {
      socket.resetAndDestroy();
      return;
    }
    this.#remember(node, socket);
    const tls = policy === 'wrong-certificate' ? this.#wrongTls : this.#tlsByAddress.get(node.address);
    tls?.emit('connection', socket);
  }

  #remember(node: Node, socket: Socket): void {
    let sockets = this.#sockets.get(node);
    if (sockets === undefined) {
      sockets = new Set();
      this.#sockets.set(node, sockets);
    }
    const known = sockets;
    known.add(socket);
    socket.once('close', () => known.delete(socket));
  }

  #createTls(pair: KeyPairPem): Http2SecureServer {
    const { clientCaPem } = this.#options;
    const server = createSecureServer({
      allowHTTP1: true,
      cert: pair.certificatePem,
      key: pair.keyPem,
      ...(clientCaPem === undefined ? {} : { requestCert: true, rejectUnauthorized: false, ca: clientCaPem }),
    });
    // node:http2 gives HTTP/1.1 connections the same treatment as node:http, but types only its own options.
    Object.assign(server, { keepAliveTimeout: keepAliveMs });
    server.on('request', (request, response) => {
      const node = this.#byAddress.get(request.socket.localAddress ?? '');
      // The compatibility API of node:http2 has the methods of node:http that are used here.
      const http = { request: request as unknown as IncomingMessage, response: response as unknown as ServerResponse };
      if (node !== undefined) this.#options.answer(node, http.request, http.response);
    });
    server.on('sessionError', () => undefined);
    server.on('tlsClientError', () => undefined);
    return server;
  }
}

function issueServing(authority: Pick<Authority, 'issue'>, nodes: readonly ListenerNode[]): KeyPairPem {
  const [first] = nodes;
  return authority.issue({
    commonName: `system:node:${first?.name ?? ''}`,
    organizations: ['system:nodes'],
    usage: 'server',
    hosts: nodes.flatMap((node) => [node.address, node.name]),
  });
}
