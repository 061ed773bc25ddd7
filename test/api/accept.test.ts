import { expect } from 'chai';
import { namesAny, negotiate, objectOffer, parseAccept, plainOffer } from '../../src/api/accept.ts';

describe('api: negotiation', () => {
  function check(header: string | undefined, expected: string): void {
    it(`takes ${expected} for ${header ?? 'no Accept header'}`, () => {
      const found = negotiate(header, objectOffer);
      const transform = found?.transform === undefined ? '' : ` as ${found.transform.kind} ${found.transform.version}`;
      const text = found === undefined ? 'nothing' : `${found.encoding}${transform}${found.pretty ? ' pretty' : ''}`;
      expect(text).to.equal(expected);
    });
  }

  const table = 'as=Table;g=meta.k8s.io';
  check(undefined, 'json');
  check('', 'json');
  check('*/*', 'json');
  check('*', 'json');
  check('application/*', 'json');
  check('application/vnd.kubernetes.protobuf, */*', 'protobuf');
  check('*/*, application/vnd.kubernetes.protobuf', 'protobuf');
  check('application/vnd.kubernetes.protobuf,application/json', 'protobuf');
  check('application/json;q=0.5, application/yaml', 'yaml');
  check('application/json; q=0.1 , application/yaml;q=0.01', 'json');
  check('text/html, application/xhtml+xml, */*;q=0.8', 'json');
  check('application/json;pretty=1', 'json pretty');
  check('application/json;stream=watch', 'json');
  check(`application/json;${table};v=v1,application/json`, 'json as Table v1');
  check(
    `application/vnd.kubernetes.protobuf;${table};v=v1,application/json;${table};v=v1beta1`,
    'json as Table v1beta1',
  );
  check(
    'application/vnd.kubernetes.protobuf;as=PartialObjectMetadata;g=meta.k8s.io;v=v1',
    'protobuf as PartialObjectMetadata v1',
  );
  check(`application/json;${table};v=v2, application/yaml`, 'yaml');
  check('application/json;charset=utf-8', 'json');
  check('application/json;broken;a=b=c', 'json');
  check('text/html', 'nothing');
  check('application/cbor', 'nothing');
  check('nonsense', 'nothing');
  check('a/b/c', 'nothing');
  check('application/json;stream=other', 'nothing');
  check('application/yaml;stream=watch', 'nothing');
  check('application/json;sv=v9', 'nothing');
  check(`application/json;${table}`, 'nothing');

  check('application/json;stream=', 'json');
  check('application/json;sv=v1', 'json');
  check('application/yaml;pretty=1', 'yaml pretty');
  check('application/json;a=b=', 'json');
  check('application/json;q=none, application/yaml;q=0.1', 'yaml');
  check('application/json\t', 'nothing');
  // Where the order of preference contradicts itself the sort of the reference decides.
  check('*/*;q=0.9, application/yaml;q=0.1', 'yaml');
  check('application/yaml;q=0.1, */*;q=0.9', 'json');

  it('offers no version of the server where there is no object', () => {
    expect(negotiate('application/json;sv=v1', plainOffer)).to.equal(undefined);
  });

  describe('names, before preferences count,', () => {
    function checkName(header: string | undefined, expected: boolean): void {
      it(`${expected ? '' : 'no '}JSON with ${header ?? 'no Accept header'}`, () => {
        expect(namesAny(header, ['application/json'])).to.equal(expected);
      });
    }
    checkName(undefined, true);
    checkName('', true);
    checkName('*/*', true);
    checkName('text/html, application/json ;q=0', true);
    checkName('application/*', false);
    checkName('*', false);
    checkName('application/yaml', false);
  });

  it('reads no more of a huge header than clients send', () => {
    expect(parseAccept('a/b,'.repeat(250_000))).to.have.length(64);
    expect(
      Object.keys(
        parseAccept(`a/b${Array.from({ length: 1000 }, (_, i) => `;p${i}=1`).join('')}`)[0]?.parameters ?? {},
      ),
    ).to.have.length(16);
  });
});
