// nock for the tests of one describe, and for nobody else. nock patches the sockets of the whole process as soon as it is imported, and then
// TLS and HTTP/2 connections of other tests never come about, and broken ones are not noticed; so it is switched off here at once, and on only
// around the tests that ask for it. Nobody else imports it: the lint refuses that.
import { expect } from 'chai';
import nock from 'nock';

nock.restore();

export { nock };

/** Call first in a describe: one-shot requests are answered by nock, everything else is refused, and no interceptor may be left over. */
export function useNock(): void {
  before(() => {
    nock.activate();
    nock.disableNetConnect();
  });

  afterEach(() => {
    const pending = nock.pendingMocks();
    nock.cleanAll();
    expect(pending).to.deep.equal([]);
  });

  after(() => {
    nock.enableNetConnect();
    nock.restore();
  });
}
