import { expect } from 'chai';
import { normalize, sortContainers } from './normalize.ts';

const origin = { port: 4443, path: '/apis/metrics.k8s.io/v1beta1/pods' };
const body = (text: string | Buffer): string =>
  normalize({ status: 200, headers: {}, body: Buffer.from(text as string) }, origin).body;

describe('An answer that is compared', () => {
  const check = (rule: string, before: string, after: string): void => {
    it(rule, () => expect(body(before)).to.equal(after));
  };

  describe('loses what differs between two answers of one program', () => {
    check(
      'the second of the answer, in JSON',
      '{"creationTimestamp":"2026-11-21T11:00:56Z","timestamp":"2026-11-21T11:00:50Z"}\n',
      '{"creationTimestamp":"<now>","timestamp":"2026-11-21T11:00:50Z"}\n',
    );
    check('and in YAML', '  creationTimestamp: "2026-11-21T11:00:56Z"\n', '  creationTimestamp: "<now>"\n');
    check(
      'the order of containers',
      '"containers":[{"name":"b","usage":{"cpu":"1","memory":"2"}},{"name":"a","usage":{"cpu":"3","memory":"4"}}]',
      '"containers":[{"name":"a","usage":{"cpu":"3","memory":"4"}},{"name":"b","usage":{"cpu":"1","memory":"2"}}]',
    );
    check('the port', '"serverAddress":":4443"', '"serverAddress":":<port>"');

    it('audit ids, and headers of the connection', () => {
      const headers = {
        'audit-id': '8a3d6e5c-58cb-4b2f-9f3a-8d1f6e0c2b7a',
        date: 'now',
        'content-length': '2',
        vary: 'x',
      };
      const answer = normalize({ status: 404, headers, body: Buffer.from('{}') }, origin);
      expect(answer).to.deep.equal({ status: 404, headers: { 'audit-id': '<uuid>', vary: 'x' }, body: '{}' });
    });
  });

  it('keeps the bytes between containers when they are put in order', () => {
    const [a, b] = ['{\n "name": "a",\n "usage": {\n}\n }', '{\n "name": "b",\n "usage": {\n}\n }'];
    expect(sortContainers(`"containers": [\n ${b},\n ${a}\n ]`)).to.equal(`"containers": [\n ${a},\n ${b}\n ]`);
  });

  it('has its containers in order in YAML too', () => {
    const item = (name: string): string => `  - name: ${name}\n    usage:\n      cpu: 1m\n      memory: 2Mi\n`;
    const text = (...names: string[]): string => `- containers:\n${names.map(item).join('')}  metadata:\n    name: p\n`;
    expect(sortContainers(text('b', 'a'))).to.equal(text('a', 'b'));
  });

  it('has its containers in order in protobuf, and loses the second of the answer there', () => {
    const field = (tag: number, ...content: readonly Buffer[]): Buffer => {
      const all = Buffer.concat(content);
      return Buffer.concat([Buffer.from([tag, all.length]), all]);
    };
    const created = (last: number): Buffer => Buffer.from([0x42, 8, 8, 0xd0, 0xb0, 0xd0, 0xd6, last, 0x10, 0]);
    const pod = (second: number, ...names: string[]): Buffer => {
      const containers = names.map((name) => field(0x22, field(0x0a, Buffer.from(name))));
      const typeMeta = field(0x0a, field(0x0a, Buffer.from('v1')), field(0x12, Buffer.from('PodMetrics')));
      const raw = field(0x12, field(0x0a, created(second)), ...containers);
      return Buffer.concat([Buffer.from([0x6b, 0x38, 0x73, 0]), typeMeta, raw]);
    };
    expect(body(pod(6, 'b', 'a'))).to.equal(body(pod(7, 'a', 'b')));
    expect(body(pod(6, 'b', 'a'))).not.to.equal(body(pod(6, 'a', 'c')));
  });

  it('of /metrics is the series that metrics-server has, without values', () => {
    const text =
      '# TYPE metrics_server_x gauge\nmetrics_server_x{b="2",a="1"} 5\nother 1\n# HELP metrics_server_x words\n';
    const answer = normalize({ status: 200, headers: {}, body: Buffer.from(text) }, { port: 1, path: '/metrics' });
    expect(answer.body).to.equal('# TYPE metrics_server_x gauge\nmetrics_server_x{a="1",b="2"}');
  });
});
