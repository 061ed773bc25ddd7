import { expect } from 'chai';
import { createRequestReader } from '../../src/api/request-memory.ts';

const root = '/apis/metrics.k8s.io/v1beta1';

describe('api: the memory of what requests ask for', () => {
  it('reads a target once', () => {
    const read = createRequestReader();
    const first = read('GET', `${root}/pods?labelSelector=app%3Dweb`);
    expect(first?.attributes).to.have.nested.property('resource.labelSelector[0].key', 'app');
    expect(read('GET', `${root}/pods?labelSelector=app%3Dweb`)).to.equal(first);
  });

  it('tells targets apart', () => {
    const read = createRequestReader();
    const urls = [`${root}/pods`, `${root}/pods/`, `${root}/pods?watch=1`, `${root}/namespaces/a/pods`];
    expect(new Set(urls.map((url) => read('GET', url))).size).to.equal(urls.length);
  });

  it('takes nothing of a GET for another method', () => {
    const read = createRequestReader();
    read('GET', `${root}/pods`);
    expect(read('DELETE', `${root}/pods`)?.info.verb).to.equal('deletecollection');
    expect(read('GET', `${root}/pods`)?.info.verb).to.equal('list');
  });

  function checkForgotten(what: string, url: string): void {
    it(`does not keep ${what}`, () => {
      const read = createRequestReader();
      const first = read('GET', url);
      expect(first?.info).to.have.property('verb', 'list');
      expect(read('GET', url)).not.to.equal(first);
    });
  }
  checkForgotten('a long target', `${root}/pods?x=${'a'.repeat(600)}`);
  checkForgotten('many parameters', `${root}/pods?${'a=1&'.repeat(20)}`);
  checkForgotten('a selector that asks for much', `${root}/pods?labelSelector=${'a,'.repeat(100)}a`);

  it('keeps what is asked for while others come and go', () => {
    const read = createRequestReader();
    const wanted = read('GET', `${root}/pods`);
    const once = read('GET', `${root}/nodes`);
    for (let at = 0; at < 10_000; at++) {
      read('GET', `${root}/nodes/node-${at}`);
      if (at % 1_000 === 0) expect(read('GET', `${root}/pods`)).to.equal(wanted);
    }
    expect(read('GET', `${root}/nodes`)).not.to.equal(once);
  });

  it('says nothing of a path that cannot be decoded', () => {
    expect(createRequestReader()('GET', '/%zz')).to.equal(undefined);
  });
});
