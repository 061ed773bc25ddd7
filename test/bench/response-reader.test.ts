import { expect } from 'chai';
import { type ReadResponse, ResponseReader } from '../../bench/response-reader.ts';

const withLength = 'HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 5\r\n\r\nhello';
const chunked =
  'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n1A;note=x\r\nabcdefghijklmnopqrstuvwxyz\r\n0\r\n\r\n';

function feedInPieces(text: string, size: number): ReadResponse | undefined {
  const reader = new ResponseReader();
  const bytes = Buffer.from(text);
  let response: ReadResponse | undefined;
  for (let at = 0; at < bytes.length; at += size) {
    expect(response, 'complete before its last byte').to.equal(undefined);
    response = reader.feed(bytes.subarray(at, at + size));
  }
  return response;
}

describe('bench/response-reader', () => {
  const check = (what: string, text: string, expected: ReadResponse): void => {
    for (const size of [1, 2, 3, 7, 64, 10_000]) {
      it(`${what} is complete with its last byte, ${size} at a time`, () => {
        expect(feedInPieces(text, size)).to.deep.equal(expected);
      });
    }
  };

  check('a body of known length', withLength, { status: 200, bodyBytes: 5 });
  check('an empty body', 'HTTP/1.1 404 Not Found\r\ncontent-length: 0\r\n\r\n', { status: 404, bodyBytes: 0 });
  check('a chunked body', chunked, { status: 200, bodyBytes: 31 });
  check('a chunked body with a trailer', chunked.replace(/\r\n$/, 'Etag: "1"\r\n\r\n'), { status: 200, bodyBytes: 31 });

  it('one reader reads one response after the other', () => {
    const reader = new ResponseReader();
    expect(reader.feed(Buffer.from(chunked))).to.deep.equal({ status: 200, bodyBytes: 31 });
    expect(reader.feed(Buffer.from(withLength))).to.deep.equal({ status: 200, bodyBytes: 5 });
  });

  const refuse = (what: string, text: string, message: RegExp): void => {
    it(`${what} is refused`, () => {
      expect(() => new ResponseReader().feed(Buffer.from(text))).to.throw(message);
    });
  };

  refuse('what is not HTTP', 'SSH-2.0-OpenSSH\r\n\r\n', /not HTTP/);
  refuse('a body that only the end of the connection ends', 'HTTP/1.1 200 OK\r\n\r\n', /without an end/);
  refuse('an answer that nobody asked for', withLength + withLength, /more than it was asked/);
  refuse('a chunk without a size', 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n', /without a size/);
});
