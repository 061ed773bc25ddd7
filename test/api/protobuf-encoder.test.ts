import { expect } from 'chai';
import type { MetricsObject } from '../../src/api/metrics-object.ts';
import { ProtobufEncoder } from '../../src/api/protobuf-encoder.ts';
import { breathe } from '../../src/lib/breathe.ts';
import { nodeUsage, nodeView } from '../support/metrics-reader-fake.ts';
import { ApiHarness, createPki, fillExampleCluster, nowMs } from './api-harness.ts';

const root = '/apis/metrics.k8s.io/v1beta1';
const accept = 'application/vnd.kubernetes.protobuf, */*';

/** Bytes from hexadecimal with quoted text in between, as the samples of docs/metrics-api.md write them. */
function bytes(text: string): Buffer {
  const parts = text.match(/"[^"]*"|[0-9a-f]{2}/g) ?? [];
  return Buffer.concat(
    parts.map((part) => (part.startsWith('"') ? Buffer.from(part.slice(1, -1)) : Buffer.from(part, 'hex'))),
  );
}

function varint(value: number): string {
  let text = '';
  let rest = value;
  for (; rest >= 128; rest = Math.floor(rest / 128)) text += ((rest % 128) + 128).toString(16).padStart(2, '0');
  return text + rest.toString(16).padStart(2, '0');
}

const size = (text: string): string => varint(bytes(text).length);
const message = (tag: string, text: string): string => `${tag}${size(text)}${text}`;
const enveloped = (apiVersion: string, kind: string, body: string): string => {
  const type = `0a${varint(apiVersion.length)}"${apiVersion}"12${varint(kind.length)}"${kind}"`;
  return `6b387300${message('0a', type)}${message('12', body)}1a002200`;
};

describe('api: protobuf', () => {
  let api: ApiHarness;
  before(async () => {
    api = new ApiHarness(createPki());
    fillExampleCluster(api);
    await api.start();
  });
  after(() => api.stop());

  async function ask(path: string): Promise<Buffer> {
    const answer = await api.ask(path, { headers: { accept } });
    expect(answer.headers['content-type']).to.equal('application/vnd.kubernetes.protobuf');
    return answer.body;
  }

  const created = varint(Math.floor(nowMs / 1000));
  const sampled = varint(Math.floor(nodeUsage().timestampMs / 1000));
  const labels = '5a200a16"kubernetes.io/hostname"1206"node-b"5a0a0a04"role"1202"yy"';
  const nodeB = [
    message('0a', `0a06"node-b"12001a0022002a0032003800${message('42', `08${created}1000`)}${labels}`),
    message('12', `08${sampled}1000`),
    message('1a', `08${varint(14_977_000_000)}`),
    '220d0a03"cpu"12060a04"250m"220f0a06"memory"12050a03"1Gi"',
  ].join('');

  it('writes a node list as the sample of the reference', async () => {
    const list = `0a060a0012001a00${message('12', nodeB)}`;
    const expected = bytes(enveloped('metrics.k8s.io/v1beta1', 'NodeMetricsList', list));
    expect((await ask(`${root}/nodes?labelSelector=role%3Dyy`)).toString('hex')).to.equal(expected.toString('hex'));
  });

  it('writes one node', async () => {
    const expected = bytes(enveloped('metrics.k8s.io/v1beta1', 'NodeMetrics', nodeB));
    expect((await ask(`${root}/nodes/node-b`)).toString('hex')).to.equal(expected.toString('hex'));
  });

  it('writes a pod with its namespace and containers', async () => {
    const metadata = `0a05"web-1"12001a07"default"22002a0032003800${message('42', `08${created}1000`)}5a0a0a03"app"1203"web"`;
    const usage = (cpu: string, memory: string): string =>
      `${message('12', `0a03"cpu"12${varint(cpu.length + 2)}0a03"${cpu}"`)}${message('12', `0a06"memory"12${varint(memory.length + 2)}0a04"${memory}"`)}`;
    const container = (name: string, cpu: string, memory: string): string =>
      message('22', `0a${varint(name.length)}"${name}"${usage(cpu, memory)}`);
    const pod =
      `${message('0a', metadata)}${message('12', `08${sampled}1000`)}${message('1a', `08${varint(15_000_000_000)}`)}` +
      `${container('nginx', '10m', '10Mi')}${container('side', '20m', '20Mi')}`;
    const expected = bytes(enveloped('metrics.k8s.io/v1beta1', 'PodMetrics', pod));
    expect((await ask(`${root}/namespaces/default/pods/web-1`)).toString('hex')).to.equal(expected.toString('hex'));
  });

  it('writes an empty list', async () => {
    const expected = bytes(enveloped('metrics.k8s.io/v1beta1', 'PodMetricsList', '0a060a0012001a00'));
    expect((await ask(`${root}/namespaces/nons/pods`)).toString('hex')).to.equal(expected.toString('hex'));
  });

  it('writes a Status as the sample of the reference', async () => {
    const status =
      '0a060a0012001a001207"Failure"1a15"node \\"nope\\" not found"2208"NotFound"2a120a04"nope"12001a04"node"28003200309403';
    const parts = status.split('"node \\"nope\\" not found"');
    const body = Buffer.concat([bytes(parts[0]!), Buffer.from('node "nope" not found'), bytes(parts[1]!)]);
    const head = bytes(`6b3873000a0c0a02"v1"1206"Status"12${varint(body.length)}`);
    expect((await ask(`${root}/nodes/nope`)).toString('hex')).to.equal(
      Buffer.concat([head, body, bytes('1a002200')]).toString('hex'),
    );
  });

  it('writes discovery', async () => {
    const version = '0a16"metrics.k8s.io/v1beta1"1207"v1beta1"';
    const group = `0a0e"metrics.k8s.io"${message('12', version)}${message('1a', version)}`;
    expect((await ask('/apis/metrics.k8s.io')).toString('hex')).to.equal(
      bytes(enveloped('v1', 'APIGroup', group)).toString('hex'),
    );
    const tail = '220b0a03"get"0a04"list"320042004a005200';
    const resources =
      `0a16"metrics.k8s.io/v1beta1"${message('12', `0a05"nodes"10001a0b"NodeMetrics"${tail}`)}` +
      message('12', `0a04"pods"10011a0a"PodMetrics"${tail}`);
    expect((await ask(root)).toString('hex')).to.equal(
      bytes(enveloped('v1', 'APIResourceList', resources)).toString('hex'),
    );
  });

  it('fills in the time of each answer anew', async () => {
    api.nodes.nodes.set('node-t', nodeView({ name: 'node-t' }));
    api.reader.nodeUsages.set('node-t', nodeUsage());
    const first = await ask(`${root}/nodes/node-t`);
    api.clock.nowMs += 7_000;
    const later = await ask(`${root}/nodes/node-t`);
    api.clock.nowMs -= 7_000;
    const expected = bytes(`08${varint(Math.floor(nowMs / 1000) + 7)}1000`);
    expect(first.indexOf(expected)).to.equal(-1);
    expect(later.indexOf(expected)).to.be.greaterThan(0);
    expect(later.length).to.equal(first.length);
  });
});

describe('ProtobufEncoder', () => {
  const object: MetricsObject = { kind: 'NodeMetrics', identity: nodeView(), usage: nodeUsage() };

  it('gives way to others while it encodes a long list, which is one list all the same', async () => {
    let turns = 0;
    const done = new AbortController();
    const others = (async () => {
      for (; !done.signal.aborted; turns++) await breathe();
    })();
    const objects = Array.from({ length: 1_024 }, () => object);
    const pieces = await new ProtobufEncoder(nowMs).list(objects, 'metrics.k8s.io/v1beta1', 'NodeMetricsList');
    done.abort();
    await others;
    expect(turns).to.be.at.least(4);
    const item = new ProtobufEncoder(nowMs).object(object);
    const bytesOfItem = item.length + 1 + varint(item.length).length / 2;
    expect(Buffer.concat(pieces.slice(1, -1)).length).to.equal(8 + objects.length * bytesOfItem);
  });

  it('writes text of any length and script', () => {
    for (const name of ['', 'é', '😀'.repeat(50), 'x'.repeat(20_000), `${'x'.repeat(5_000)}é`]) {
      const identity = { name, labels: { [name]: name } };
      const bytesOfObject = new ProtobufEncoder(nowMs).object({ ...object, identity });
      const text = Buffer.from(name);
      expect(bytesOfObject.indexOf(Buffer.concat([bytes(`0a${varint(text.length)}`), text]))).to.be.at.least(0);
    }
  });
});
