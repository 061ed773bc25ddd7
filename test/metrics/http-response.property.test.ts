// Properties: how an answer is cut into pieces changes nothing, and what is read is what Node's own client reads.
import { once } from 'node:events';
import { Agent, request } from 'node:http';
import { Duplex } from 'node:stream';
import { text } from 'node:stream/consumers';
import { expect } from 'chai';
import * as fc from 'fast-check';
import { HttpResponseReader } from '../../src/metrics/http-response.ts';

type Read = { readonly status: number | undefined; readonly body: string; readonly isComplete: boolean } | 'refused';

function read(bytes: Buffer, cuts: readonly number[]): Read {
  let body = '';
  const reader = new HttpResponseReader((piece) => {
    body += piece.toString('latin1');
  });
  const edges = [...new Set([0, ...cuts.map((cut) => cut % (bytes.length + 1)), bytes.length])].toSorted(
    (a, b) => a - b,
  );
  try {
    for (let i = 1; i < edges.length; i++) reader.push(bytes.subarray(edges[i - 1], edges[i]));
  } catch {
    return 'refused';
  }
  const isComplete = reader.end();
  return { status: reader.head?.status, body, isComplete };
}

/** What Node's parser makes of the same bytes and a connection that ends behind them; undefined for an error. */
async function readByNode(bytes: Buffer): Promise<{ status: number | undefined; body: string } | undefined> {
  const socket = new Duplex({ read: () => undefined, write: (_, __, done) => done() });
  const agent = Object.assign(new Agent(), { createConnection: () => socket });
  const asked = request({ agent, path: '/' });
  asked.on('error', () => undefined).end();
  socket.push(bytes);
  socket.push(null);
  try {
    const [response] = await once(asked, 'response');
    response.setEncoding('latin1');
    return { status: response.statusCode, body: await text(response) };
  } catch {
    return undefined;
  }
}

const token = fc.constantFrom(
  ...'HTTP/1.1 200 OK|HTTP/1.0 200 OK|HTTP/1.1 100 Continue|HTTP/1.1 304 Not Modified|\r\n|\r\n\r\n|\n|\r'.split('|'),
  ...'Content-Length: 5|Content-Length: 0|content-length|Transfer-Encoding: chunked|transfer-encoding|X: y'.split('|'),
  ...'Connection: close|Connection: keep-alive|Content-Encoding: gzip|5;x=y\r\nhello\r\n|5\r\nhello\r\n|0\r\n\r\n'.split(
    '|',
  ),
  ...' |\t|:|;|,|0|5|a|1F|-1|+5|hello|\0|\u00ff'.split('|'),
);
const anything = fc.array(token, { maxLength: 16 }).map((tokens) => tokens.join(''));
const head = fc.constantFrom(
  'HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n',
  'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n',
  'HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\nConnection: close\r\n\r\n',
  'HTTP/1.1 200 OK\r\n',
);
const chunked = fc
  .array(fc.string({ unit: 'binary-ascii', minLength: 1, maxLength: 40 }), { maxLength: 5 })
  .map((pieces) => [...pieces, ''].map((piece) => `${piece.length.toString(16)}\r\n${piece}\r\n`).join(''));
const answers = fc
  .oneof(
    anything,
    fc.tuple(head, anything).map((parts) => parts.join('')),
    fc.tuple(head, chunked).map((parts) => parts.join('')),
  )
  .map((answer) => Buffer.from(answer, 'latin1'));

describe('HttpResponseReader, whatever comes', () => {
  it('reads the same however the bytes are cut', () => {
    fc.assert(
      fc.property(answers, fc.array(fc.nat(400), { maxLength: 20 }), (bytes, cuts) => {
        const whole = read(bytes, []);
        expect(read(bytes, cuts)).to.deep.equal(whole);
        const everywhere = Array.from({ length: bytes.length }, (_, at) => at);
        expect(read(bytes, everywhere)).to.deep.equal(whole);
      }),
      { numRuns: 300 },
    );
  });

  it("reads a complete answer as Node's client does", async () => {
    await fc.assert(
      fc.asyncProperty(answers, async (bytes) => {
        const ours = read(bytes, []);
        if (ours === 'refused' || !ours.isComplete) return;
        expect(await readByNode(bytes)).to.deep.equal({ status: ours.status, body: ours.body });
      }),
      { numRuns: 300 },
    );
  });
});
