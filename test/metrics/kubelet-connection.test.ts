// One connection over a real socket: what it holds while nothing is asked.
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { createSecureContext, createServer, type Server } from 'node:tls';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { expect } from 'chai';
import { Cancellation } from '../../src/metrics/cancellation.ts';
import { KubeletConnection } from '../../src/metrics/kubelet-connection.ts';
import { createServing } from '../support/fake-kubelet.ts';

const { authority, serving } = createServing();
const never = new Cancellation();
const connectionCount = 16;
/** A block that small buffers are cut out of has 64 KiB. */
const bearableBytesEach = 8 * 1024;

/** Answers whatever it is sent. Not of node:https, whose sockets hold such blocks themselves. */
async function startServer(): Promise<Server> {
  const server = createServer({ cert: serving.certificatePem, key: serving.keyPem }, (socket) => {
    socket.on('error', () => undefined);
    socket.on('data', () => socket.write('HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n\n\n'));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return server;
}

/** Bytes of all buffers that something refers to. */
function bufferBytes(): number {
  setFlagsFromString('--expose-gc');
  const collect = runInNewContext('gc') as () => void;
  // The second waits for what the first left to another thread.
  collect();
  collect();
  return process.memoryUsage().arrayBuffers;
}

describe('KubeletConnection', () => {
  it('holds no buffer while it is idle, whatever else was allocated when it was made', async () => {
    const server = await startServer();
    const { port } = server.address() as AddressInfo;
    const settings = {
      secureContext: createSecureContext({ ca: authority.certificatePem }),
      insecureSkipVerify: false,
      readBuffer: Buffer.alloc(64 * 1024),
    };
    const connections: KubeletConnection[] = [];
    const connect = async (): Promise<void> => {
      const connection = new KubeletConnection(`https://127.0.0.1:${port}`, settings, () => undefined);
      connections.push(connection);
      await connection.exchange('GET / HTTP/1.1\r\nHost: node\r\n\r\n', () => undefined, never);
      // As a busy process does: the next connection finds another block.
      for (let used = 0; used < 2 * Buffer.poolSize; used += 1024) Buffer.from('x'.repeat(1024));
    };
    await connect();
    const before = bufferBytes();
    for (let i = 0; i < connectionCount; i++) await connect();
    const heldEach = (bufferBytes() - before) / connectionCount;
    for (const connection of connections) connection.destroy();
    server.close();
    expect(heldEach).to.be.below(bearableBytesEach);
  });
});
