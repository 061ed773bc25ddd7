// What an HTTP answer says, however its bytes are cut into pieces, and what is no answer.
import { expect } from 'chai';
import { HttpResponseReader } from '../../src/metrics/http-response.ts';

interface Read {
  readonly status: number | undefined;
  readonly encoding: string | undefined;
  readonly body: string;
  readonly isComplete: boolean;
  readonly canReuse: boolean;
}

/** The bytes in pieces of `pieceBytes`; `ends`: then the connection ends. */
function read(text: string, { pieceBytes = text.length, ends = false } = {}): Read {
  let body = '';
  const reader = new HttpResponseReader((bytes) => {
    body += bytes.toString('latin1');
  });
  const bytes = Buffer.from(text, 'latin1');
  let isComplete = false;
  for (let at = 0; at < bytes.length; at += pieceBytes) isComplete = reader.push(bytes.subarray(at, at + pieceBytes));
  if (ends) isComplete = reader.end();
  const { status, contentEncoding: encoding } = reader.head ?? {};
  return { status, encoding, body, isComplete, canReuse: reader.canReuse };
}

const lines = (...texts: readonly string[]): string => texts.map((text) => `${text}\r\n`).join('');
const ok = 'HTTP/1.1 200 OK';

describe('HttpResponseReader', () => {
  describe('reads, whole and byte by byte,', () => {
    const check = (what: string, text: string, expected: Partial<Read>, ends = false): void => {
      it(what, () => {
        const whole = { status: 200, encoding: '', body: '', isComplete: true, canReuse: true, ...expected };
        expect(read(text, { ends })).to.deep.equal(whole);
        expect(read(text, { ends, pieceBytes: 1 })).to.deep.equal(whole);
      });
    };
    check('a body of known length', `${lines(ok, 'Content-Length: 5', '')}hello`, { body: 'hello' });
    check('an empty body', lines(ok, 'Content-Length: 0', ''), {});
    const chunks = '3\r\nhel\r\n2\r\nlo\r\n0\r\n\r\n';
    check('chunks', lines(ok, 'Transfer-Encoding: chunked', '') + chunks, { body: 'hello' });
    check('no chunk but the last', `${lines(ok, 'Transfer-Encoding: chunked', '')}0\r\n\r\n`, {});
    check(
      'chunks with extensions, upper-case sizes and trailers',
      `${lines(ok, 'Transfer-Encoding: Chunked', '')}A ;name="value"\r\n0123456789\r\n00\r\nDigest: x\r\nMore: y\r\n\r\n`,
      { body: '0123456789' },
    );
    check(
      'line ends and sizes inside of chunks',
      `${lines(ok, 'Transfer-Encoding: chunked', '')}7\r\n0\r\n\r\n\r\n\r\n0\r\n\r\n`,
      {
        body: '0\r\n\r\n\r\n',
      },
    );
    check('a body up to the end of the connection', `${lines(ok, '')}hello`, { body: 'hello', canReuse: false }, true);
    check(
      'the end of a connection behind an answer',
      `${lines(ok, 'Content-Length: 2', '')}ok`,
      { body: 'ok', canReuse: false },
      true,
    );
    check('HTTP/1.0', `${lines('HTTP/1.0 200 OK', 'Content-Length: 2', '')}ok`, { body: 'ok', canReuse: false });
    check('that the connection ends', lines(ok, 'content-length:0', 'connection: foo , CLOSE', ''), {
      canReuse: false,
    });
    check('that it does not', lines(ok, 'content-length:0', 'connection: keep-alive, enclose', ''), {});
    check(
      'encodings, joined',
      lines(ok, 'Content-Length: 0', 'Content-Encoding: GZIP', 'content-encoding:\t br \t', ''),
      {
        encoding: 'gzip, br',
      },
    );
    check('a status without a reason', lines('HTTP/1.1 200', 'Content-Length: 0', ''), {});
    check('a status that has no body', lines('HTTP/1.1 304 Not Modified', 'Content-Length: 9', ''), { status: 304 });
    check(
      'informational answers, and forgets what they say of a body',
      lines(
        'HTTP/1.1 100 Continue',
        '',
        'HTTP/1.1 103 Early Hints',
        'Content-Encoding: br',
        '',
        ok,
        'Content-Length: 0',
        '',
      ),
      {},
    );
    check('that something follows', `${lines(ok, 'Content-Length: 0', '')}HTTP`, { canReuse: false });
  });

  describe('waits for the rest of', () => {
    const check = (what: string, text: string): void => {
      it(what, () => {
        expect(read(text).isComplete).to.equal(false);
        expect(read(text).canReuse).to.equal(false);
      });
    };
    check('a status line', 'HTTP/1.1 20');
    check('a head', lines(ok, 'Content-Length: 0'));
    check('a body', `${lines(ok, 'Content-Length: 5', '')}hell`);
    check('a chunk', `${lines(ok, 'Transfer-Encoding: chunked', '')}5\r\nhell`);
    check('chunks', `${lines(ok, 'Transfer-Encoding: chunked', '')}5\r\nhello\r\n`);
    check('trailers', `${lines(ok, 'Transfer-Encoding: chunked', '')}0\r\nDigest: x\r\n`);
    it('a body whose length was promised, when the connection ends', () => {
      expect(read(`${lines(ok, 'Content-Length: 5', '')}hell`, { ends: true }).isComplete).to.equal(false);
      const chunked = `${lines(ok, 'Transfer-Encoding: chunked', '')}5\r\nhello\r\n`;
      expect(read(chunked, { ends: true }).isComplete).to.equal(false);
    });
  });

  describe('refuses', () => {
    const check = (what: string, text: string, reason: RegExp): void => {
      it(what, () => {
        for (const pieceBytes of [text.length, 1]) {
          expect(() => read(text, { pieceBytes }))
            .to.throw(reason)
            .with.property('code', 'KUBELET_REQUEST');
        }
      });
    };
    const statusLine = /the first line is not the status line/;
    check('another protocol', 'SSH-2.0-OpenSSH_9.6\r\n', statusLine);
    check('HTTP/2', lines('HTTP/2 200', ''), statusLine);
    check('a status that is none', lines('HTTP/1.1 20 OK', ''), statusLine);
    check('control characters in the reason', 'HTTP/1.1 200 \u001b[31m\r\n', statusLine);
    check('an upgrade', lines('HTTP/1.1 101 Switching Protocols', ''), /nobody asked for another protocol/);
    const withHeader = (...headers: readonly string[]): string => lines(ok, ...headers, '');
    const noName = /a header has no name/;
    check('a header without a colon', withHeader('Content-Length'), noName);
    check('a header without a name', withHeader(': 5'), noName);
    check('a blank before the colon', withHeader('Content-Length : 5'), noName);
    check('a folded header', withHeader('A: b', ' c'), noName);
    check('a zero byte in a header', withHeader('A: \0'), /control character/);
    check('a carriage return in a header', withHeader('A: b\rContent-Length: 5'), /control character/);
    check('lines without carriage returns', 'HTTP/1.1 200 OK\nContent-Length: 5\n\nhello', /without a carriage return/);
    const length = /the length of the body is not one number/;
    for (const value of ['', '-1', '+5', '5, 5', '0x5', '5.0', '1e3', '9'.repeat(16)]) {
      check(`Content-Length: ${value}`, withHeader(`Content-Length: ${value}`), length);
    }
    check('two lengths', withHeader('Content-Length: 5', 'Content-Length: 5'), length);
    check('chunks, then a length', withHeader('Transfer-Encoding: chunked', 'Content-Length: 5'), length);
    const framing = /the body is not framed by chunks alone/;
    check('a length, then chunks', withHeader('Content-Length: 5', 'Transfer-Encoding: chunked'), framing);
    for (const value of ['', 'gzip', 'gzip, chunked', 'chunked, chunked', 'xchunked', 'identity']) {
      check(`Transfer-Encoding: ${value}`, withHeader(`Transfer-Encoding: ${value}`), framing);
    }
    check('chunks in HTTP/1.0', lines('HTTP/1.0 200 OK', 'Transfer-Encoding: chunked', ''), framing);
    const chunked = withHeader('Transfer-Encoding: chunked');
    const size = /a chunk does not begin with its size/;
    for (const text of ['', 'x', '-1', '+1', '0x1', ' 1', '1 ', '1 2', '1_0', '123456789']) {
      check(`a chunk size of "${text}"`, `${chunked}${text}\r\n`, size);
    }
    check('a chunk that goes on', `${chunked}1\r\nab\r\n`, /without|too long|longer/);
    check('a line feed alone behind a chunk', `${chunked}1\r\na\n`, /without a carriage return/);
    const tooLong = /a line or the head is too long/;
    check('a line that does not end', 'x'.repeat(16_385), tooLong);
    check('a head that does not end', ok.concat('\r\n', 'a: b\r\n'.repeat(3000)), tooLong);
    check('informational answers without end', lines('HTTP/1.1 100 Continue', '').repeat(1000), tooLong);
    check('a chunk extension that does not end', `${chunked}1;${'x'.repeat(2000)}`, tooLong);
    check('trailers that do not end', `${chunked}0\r\n${'a: b\r\n'.repeat(3000)}`, tooLong);
  });

  it('passes on what whoever takes the body throws', () => {
    const reader = new HttpResponseReader(() => {
      throw new RangeError('too large');
    });
    expect(() => reader.push(Buffer.from(`${lines(ok, 'Content-Length: 5', '')}hello`))).to.throw(
      RangeError,
      'too large',
    );
  });
});
