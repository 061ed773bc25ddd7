// Answers in pieces whose memory is used again, over real sockets to clients that read slowly.
import { once } from 'node:events';
import type { IncomingMessage } from 'node:http';
import { connect, createSecureServer } from 'node:http2';
import { createServer, request } from 'node:https';
import type { AddressInfo } from 'node:net';
import type { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { gunzipSync } from 'node:zlib';
import { expect } from 'chai';
import { type Answer, sendAnswer } from '../../src/api/answer.ts';
import { ChunkBuffers, chunkBytes } from '../../src/api/chunk-buffers.ts';
import { authority, servingIdentity } from './certificates.ts';

const count = 200;
const { certificatePem: cert, keyPem: key } = servingIdentity('127.0.0.1', authority('test-ca'));
const anyone = { host: '127.0.0.1', rejectUnauthorized: false };

/** Pieces of which each says which one it is, all over. */
class Pieces {
  readonly memory = new Set<ArrayBufferLike>();
  readonly #buffers = new ChunkBuffers();

  *[Symbol.iterator](): Generator<Buffer> {
    for (let index = 0; index < count; index++) {
      const chunk = this.#buffers.take().subarray(0, chunkBytes).fill(index);
      this.memory.add(chunk.buffer);
      yield chunk;
    }
  }

  answer(): Answer {
    const recycle = (chunk: Buffer): void => this.#buffers.giveBack(chunk);
    return { code: 200, contentType: 'application/json', body: this, recycle };
  }
}

/** Leaves the body unread for a while, so that it backs up into the server. */
async function readSlowly(body: Readable): Promise<Buffer> {
  body.pause();
  await new Promise((resolve) => setTimeout(resolve, 50));
  return await buffer(body);
}

function expectWhole(body: Buffer): void {
  expect(body.length).to.equal(count * chunkBytes);
  for (let index = 0; index < count; index++) {
    const piece = body.subarray(index * chunkBytes, (index + 1) * chunkBytes);
    expect(piece.equals(Buffer.alloc(chunkBytes, index)), `piece ${index}`).to.equal(true);
  }
}

describe('a long answer whose pieces are written to the same memory', () => {
  for (const gzip of [false, true]) {
    it(`comes whole to a client that reads slowly, over HTTP/1.1${gzip ? ' with gzip' : ''}`, async () => {
      const pieces = new Pieces();
      const server = createServer(
        { cert, key },
        (asked, response) => void sendAnswer(asked, response, pieces.answer()),
      );
      await once(server.listen(0, '127.0.0.1'), 'listening');
      const { port } = server.address() as AddressInfo;
      const headers = gzip ? { 'Accept-Encoding': 'gzip' } : {};
      const [response] = (await once(request({ ...anyone, port, headers }).end(), 'response')) as [IncomingMessage];
      const body = await readSlowly(response);
      server.closeAllConnections();
      server.close();
      expectWhole(gzip ? gunzipSync(body) : body);
      expect(pieces.memory.size).to.be.lessThan(count / 4);
    });
  }

  it('comes whole to a client that reads slowly, over HTTP/2', async () => {
    const pieces = new Pieces();
    const server = createSecureServer({ cert, key }, (asked, response) => {
      void sendAnswer(
        asked as unknown as IncomingMessage,
        response as unknown as Parameters<typeof sendAnswer>[1],
        pieces.answer(),
      );
    });
    await once(server.listen(0, '127.0.0.1'), 'listening');
    const client = connect(`https://127.0.0.1:${(server.address() as AddressInfo).port}`, anyone);
    const body = await readSlowly(client.request({ ':path': '/' }));
    client.close();
    server.close();
    expectWhole(body);
    expect(pieces.memory.size).to.be.lessThan(count / 4);
  });
});
