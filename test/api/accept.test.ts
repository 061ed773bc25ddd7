import { expect } from 'chai';
import { type Encoding, negotiate, objectTransforms, parseAccept } from '../../src/api/accept.ts';

const encodings: readonly Encoding[] = ['json', 'yaml', 'protobuf'];

describe('api: negotiation', () => {
  function check(header: string | undefined, expected: string): void {
    it(`takes ${expected} for ${header ?? 'no Accept header'}`, () => {
      const found = negotiate(parseAccept(header), encodings, objectTransforms);
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

  it('reads no more of a huge header than clients send', () => {
    expect(parseAccept('a/b,'.repeat(250_000))).to.have.length(64);
    expect(
      Object.keys(
        parseAccept(`a/b${Array.from({ length: 1000 }, (_, i) => `;p${i}=1`).join('')}`)[0]?.parameters ?? {},
      ),
    ).to.have.length(16);
  });
});
