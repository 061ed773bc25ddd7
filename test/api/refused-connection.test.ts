import { once } from 'node:events';
import { type Duplex, duplexPair } from 'node:stream';
import { expect } from 'chai';
import { connectionRefuser } from '../../src/api/refused-connection.ts';
import { FakeClock } from '../support/fake-clock.ts';

describe('api: connections that carry no HTTP', () => {
  function refuse(code: string): { clock: FakeClock; server: Duplex; client: Duplex } {
    const clock = new FakeClock();
    const [server, client] = duplexPair();
    connectionRefuser(clock)(Object.assign(new Error('no HTTP'), { code }), server);
    return { clock, server, client };
  }

  /** Reads without ending anything. */
  async function answerTo(client: Duplex): Promise<string> {
    const [chunk] = (await once(client, 'data')) as [Buffer];
    return chunk.toString();
  }

  it('are told so, and cut half a second later though their client does not end them', async () => {
    const { clock, server, client } = refuse('HPE_INVALID_METHOD');
    expect(await answerTo(client)).to.match(/^HTTP\/1\.1 400 Bad Request\r\n/);
    await clock.advance(499);
    expect(server.destroyed).to.equal(false);
    const closed = once(server, 'close');
    await clock.advance(1);
    await closed;
  });

  it('are told that their head was too long', async () => {
    expect(await answerTo(refuse('HPE_HEADER_OVERFLOW').client)).to.match(/^HTTP\/1\.1 431 /);
  });

  for (const code of ['ECONNRESET', 'ERR_HTTP_REQUEST_TIMEOUT']) {
    it(`are told nothing after ${code}`, () => {
      expect(refuse(code).server.destroyed).to.equal(true);
    });
  }
});
