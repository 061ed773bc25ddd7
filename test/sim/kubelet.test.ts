// Integration: the simulated kubelets on real sockets, with a fixed list of pods.
import { once } from 'node:events';
import { connect as connectHttp2 } from 'node:http2';
import { request as httpsRequest, type RequestOptions } from 'node:https';
import { gunzipSync } from 'node:zlib';
import { assert, expect } from 'chai';
import type { Fault } from '../cluster/sim/fault.ts';
import {
  type SimulatedNodes,
  type SimulatedNodesOptions,
  startSimulatedNodes,
} from '../cluster/sim/simulated-nodes.ts';
import { simPod, simWorkload } from '../support/sim-builders.ts';
import { until } from '../support/until.ts';

type GetOptions = Omit<RequestOptions, 'headers'> & { readonly headers?: Readonly<Record<string, string>> };

interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly body: Buffer;
}

const token = 'secret';

async function start(changes: Partial<SimulatedNodesOptions> = {}): Promise<SimulatedNodes> {
  return startSimulatedNodes({
    nodeCount: 3,
    pods: [simPod('a'), simPod('b', { nodeName: 'sim-1' })],
    workloads: [simWorkload({ cores: 1 })],
    auth: { token },
    housekeeping: { intervalMs: 60_000 },
    ...changes,
  });
}

/** GET over a connection of its own, with the kubelets' authority trusted and the address as the name to be verified. */
function get(simulation: SimulatedNodes, node: number, options: GetOptions = {}): Promise<Answer> {
  const { promise, resolve, reject } = Promise.withResolvers<Answer>();
  const { headers, ...rest } = options;
  const request = httpsRequest({
    host: simulation.nodes[node]?.address,
    port: simulation.port,
    path: '/metrics/resource',
    ca: simulation.caPem,
    agent: false,
    headers: { authorization: `Bearer ${token}`, ...headers },
    ...rest,
  });
  request.once('error', reject);
  request.once('response', (response) => {
    const chunks: Buffer[] = [];
    response.on('data', (chunk: Buffer) => chunks.push(chunk));
    response.once('error', reject);
    response.once('end', () => {
      resolve({ status: response.statusCode ?? 0, headers: response.headers, body: Buffer.concat(chunks) });
    });
  });
  request.end();
  return promise;
}

async function codeOf(failing: Promise<unknown>): Promise<string> {
  const error = await failing.then(
    () => assert.fail('it was answered'),
    (thrown: unknown) => thrown,
  );
  return (error as NodeJS.ErrnoException).code ?? String(error);
}

describe('a simulated kubelet', () => {
  let simulation: SimulatedNodes;

  before(async () => {
    simulation = await start();
  });

  after(() => simulation.stop());

  it('shows the pods of the node whose address was called', async () => {
    const bodies = await Promise.all([0, 1, 2].map(async (node) => (await get(simulation, node)).body.toString()));
    expect(bodies.map((body) => [...body.matchAll(/pod="(\w+)"/g)][0]?.[1])).to.deep.equal(['a', 'b', undefined]);
    for (const body of bodies) expect(body).to.match(/\nresource_scrape_error 0\n$/);
  });

  it('says what it sends as a kubelet does', async () => {
    const { status, headers } = await get(simulation, 0);
    expect(status).to.equal(200);
    expect(headers['content-type']).to.equal('text/plain; version=0.0.4; charset=utf-8; escaping=underscores');
    expect(headers['transfer-encoding']).to.equal('chunked');
    expect(headers['process-start-time-unix']).to.match(/^\d{10}$/);
  });

  it('compresses for those who accept it', async () => {
    const plain = await get(simulation, 0, { headers: { 'accept-encoding': 'gzip;q=0, br' } });
    const packed = await get(simulation, 0, { headers: { 'accept-encoding': 'br, gzip' } });
    expect(plain.headers).to.not.have.property('content-encoding');
    expect(packed.headers['content-encoding']).to.equal('gzip');
    expect(gunzipSync(packed.body).equals(plain.body)).to.equal(true);
  });

  it('speaks HTTP/2', async () => {
    const session = connectHttp2(`https://${simulation.nodes[1]?.address}:${simulation.port}`, {
      ca: simulation.caPem,
    });
    const stream = session.request({ ':path': '/metrics/resource', authorization: `Bearer ${token}` });
    const [headers] = (await once(stream, 'response')) as [Record<string, unknown>];
    let body = '';
    for await (const chunk of stream.setEncoding('utf8') as AsyncIterable<string>) body += chunk;
    session.close();
    expect(headers[':status']).to.equal(200);
    expect(body).to.include('pod="b"');
  });

  it('answers 401 without the token', async () => {
    for (const authorization of ['', 'Bearer wrong', 'Basic c2VjcmV0']) {
      const { status, body } = await get(simulation, 0, { headers: { authorization } });
      expect([status, body.toString()]).to.deep.equal([401, 'Unauthorized']);
    }
  });

  it('is healthy, and knows no other paths', async () => {
    const health = await get(simulation, 0, { path: '/healthz' });
    expect([health.status, health.body.toString()]).to.deep.equal([200, 'ok']);
    expect((await get(simulation, 0, { path: '/pods' })).status).to.equal(404);
  });

  it('has no certificate for an address that is no node’s, and does not answer there', async () => {
    expect(await codeOf(get(simulation, 0, { host: '127.200.0.1' }))).to.equal('ECONNRESET');
  });

  it('counts scrapes', async () => {
    const before = simulation.statistics().scrapes;
    await get(simulation, 0);
    expect(simulation.statistics()).to.include({ scrapes: before + 1, runningPods: 2 });
  });
});

describe('the samples of a simulated kubelet', () => {
  it('stay the same until housekeeping refreshes them', async () => {
    await using simulation = await start({ housekeeping: { intervalMs: 300, jitterFactor: 0 } });
    const cpu = async (): Promise<{ value: number; atMs: number }> => {
      const { body } = await get(simulation, 0);
      const groups = /^container_cpu.* (?<value>\S+) (?<atMs>\d+)$/m.exec(body.toString())?.groups;
      return { value: Number(groups?.['value']), atMs: Number(groups?.['atMs']) };
    };
    const first = await cpu();
    const second = await until(async () => {
      const now = await cpu();
      if (now.atMs === first.atMs) expect(now).to.deep.equal(first);
      return now.atMs > first.atMs && now;
    });
    // Half of the workload's core, and a little of its own.
    const elapsedSeconds = (second.atMs - first.atMs) / 1000;
    expect((second.value - first.value) / elapsedSeconds).to.be.closeTo(0.501, 0.001);
  });
});

describe('a kubelet that is not well', () => {
  let simulation: SimulatedNodes;
  let healthy: Buffer;

  before(async () => {
    simulation = await start();
    healthy = (await get(simulation, 0)).body;
  });

  afterEach(() => simulation.setFault('*', undefined));

  after(() => simulation.stop());

  /** A GET of node 0 with the fault in force, aborted after `ms`. */
  async function scrape(fault: Fault, ms = 2000): Promise<Answer> {
    await simulation.setFault('sim-0', fault);
    return get(simulation, 0, { signal: AbortSignal.timeout(ms) });
  }

  it('does not disturb the others, and is well again when the fault is taken away', async () => {
    await simulation.setFault('sim-0', { kind: 'status', code: 500 });
    expect((await get(simulation, 0)).status).to.equal(500);
    expect((await get(simulation, 1)).status).to.equal(200);
    await simulation.setFault('sim-0', undefined);
    expect((await get(simulation, 0)).body.equals(healthy)).to.equal(true);
  });

  it('resets connections, those that are open too', async () => {
    const session = connectHttp2(`https://${simulation.nodes[0]?.address}:${simulation.port}`, {
      ca: simulation.caPem,
    });
    await once(session, 'connect');
    const lost = once(session, 'close');
    session.on('error', () => undefined);
    expect(await codeOf(scrape({ kind: 'reset' }))).to.equal('ECONNRESET');
    await lost;
  });

  it('never answers', async () => {
    expect(await codeOf(scrape({ kind: 'hang' }, 150))).to.equal('ABORT_ERR');
  });

  it('stops in the middle of the body', async () => {
    expect(await codeOf(scrape({ kind: 'hang-in-body' }, 150))).to.equal('ABORT_ERR');
  });

  it('answers any status', async () => {
    for (const code of [401, 403, 500, 503]) {
      expect((await scrape({ kind: 'status', code })).status).to.equal(code);
    }
  });

  it('answers with a web page', async () => {
    const { status, headers, body } = await scrape({ kind: 'html' });
    expect([status, headers['content-type']]).to.deep.equal([200, 'text/html']);
    expect(body.toString()).to.match(/^<!DOCTYPE html>/);
  });

  it('answers with garbage', async () => {
    const { status, body } = await scrape({ kind: 'garbage', bytes: 5000 });
    expect([status, body.length]).to.deep.equal([200, 5000]);
    expect(body.some((byte) => byte > 127)).to.equal(true);
  });

  it('closes in the middle of an announced body', async () => {
    expect(await codeOf(scrape({ kind: 'truncated' }))).to.equal('ECONNRESET');
  });

  it('resets the stream in the middle of the body over HTTP/2', async () => {
    await simulation.setFault('sim-0', { kind: 'truncated' });
    const session = connectHttp2(`https://${simulation.nodes[0]?.address}:${simulation.port}`, {
      ca: simulation.caPem,
    });
    const stream = session.request({ ':path': '/metrics/resource' });
    stream.resume();
    const [error] = (await once(stream, 'error')) as [NodeJS.ErrnoException];
    session.close();
    expect(error.code).to.equal('ERR_HTTP2_STREAM_ERROR');
  });

  it('answers with as many bytes as asked for', async () => {
    const { body } = await scrape({ kind: 'huge', bytes: 3_000_000 });
    expect(body.length).to.equal(3_000_000);
    expect(body.subarray(0, healthy.length).equals(healthy)).to.equal(true);
  });

  it('never stops answering', async () => {
    await simulation.setFault('sim-0', { kind: 'endless' });
    const request = httpsRequest({
      host: simulation.nodes[0]?.address,
      port: simulation.port,
      path: '/metrics/resource',
      ca: simulation.caPem,
      agent: false,
    });
    request.on('error', () => undefined).end();
    const [response] = (await once(request, 'response')) as [AsyncIterable<Buffer>];
    let bytes = 0;
    for await (const chunk of response) {
      bytes += chunk.length;
      if (bytes > 20_000_000) break;
    }
    expect(bytes).to.be.greaterThan(20_000_000);
  });

  it('answers drop by drop', async () => {
    await simulation.setFault('sim-0', { kind: 'drip', bytesPerSecond: healthy.length * 2 });
    const beganMs = performance.now();
    const { body } = await get(simulation, 0);
    expect(body.equals(healthy)).to.equal(true);
    expect(performance.now() - beganMs).to.be.within(350, 2000);
  });

  it('shows the certificate of somebody else', async () => {
    expect(await codeOf(scrape({ kind: 'wrong-certificate' }))).to.equal('UNABLE_TO_VERIFY_LEAF_SIGNATURE');
    const unverified = await get(simulation, 0, { rejectUnauthorized: false });
    expect(unverified.status).to.equal(200);
  });

  it('leaves the timestamps out', async () => {
    const { body } = await scrape({ kind: 'no-timestamps' });
    expect(body.toString()).to.match(/^pod_cpu_usage_seconds_total\{.*\} \S+$/m);
  });

  it('has no statistics', async () => {
    const { body } = await scrape({ kind: 'scrape-error' });
    expect(body.toString()).to.match(/^# HELP resource_scrape_error .*\n.*\nresource_scrape_error 1\n$/);
  });

  it('is refused when nobody has the name', async () => {
    const refused = await simulation.setFault('sim-9', { kind: 'hang' }).catch((error: unknown) => error);
    expect(refused).to.be.instanceOf(RangeError).with.property('message', 'no simulated node is named sim-9');
  });
});

describe('the control endpoint', () => {
  let simulation: SimulatedNodes;

  before(async () => {
    simulation = await start({ controlPort: 0, housekeeping: { intervalMs: 50, jitterFactor: 0 } });
  });

  after(() => simulation.stop());

  function control(method: string, path: string, body?: unknown): Promise<Response> {
    return fetch(`${simulation.controlUrl}${path}`, {
      method,
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
  }

  it('sets and clears faults', async () => {
    expect((await control('PUT', '/nodes/sim-0/fault', { kind: 'status', code: 503 })).status).to.equal(204);
    expect((await get(simulation, 0)).status).to.equal(503);
    expect((await control('DELETE', '/nodes/sim-0/fault')).status).to.equal(204);
    expect((await get(simulation, 0)).status).to.equal(200);
  });

  it('sets demand and says who shares it', async () => {
    await control('PUT', '/workloads/web', { cores: { kind: 'constant', value: 7 }, bytes: 100 });
    const state: unknown = await (await control('GET', '/workloads/web')).json();
    expect(state).to.deep.equal({ name: 'web', demandCores: 7, demandBytes: 100, readyPods: 2 });
  });

  it('resets counters', async () => {
    const nodeCpu = async (): Promise<number> => {
      const { body } = await get(simulation, 0);
      return Number(/^node_cpu_usage_seconds_total (\S+)/m.exec(body.toString())?.[1]);
    };
    const before = await until(async () => {
      const used = await nodeCpu();
      return used > 0.5 && used;
    });
    expect((await control('POST', '/nodes/sim-0/counters/reset')).status).to.equal(204);
    expect(await nodeCpu()).to.be.lessThan(before);
  });

  it('tells what runs', async () => {
    const statistics: unknown = await (await control('GET', '/status')).json();
    expect(statistics).to.include({ runningPods: 2 });
  });

  const refuses = (method: string, path: string, body: unknown, status: number, text: string): void => {
    it(`answers ${status} to ${method} ${path} ${JSON.stringify(body)}`, async () => {
      const answer = await control(method, path, body);
      expect(answer.status).to.equal(status);
      expect(await answer.text()).to.include(text);
    });
  };

  refuses('PUT', '/workloads/typo', { cores: 1 }, 400, 'no workload is named typo');
  refuses('PUT', '/workloads/web', { cores: 'many' }, 400, 'a demand is a number or has a kind');
  refuses('PUT', '/nodes/sim-0/fault', { kind: 'tired' }, 400, 'a fault needs a kind');
  refuses('PUT', '/nodes/sim-9/fault', { kind: 'hang' }, 400, 'no simulated node is named sim-9');
  refuses('POST', '/pods/default/a/restart', {}, 400, 'a fixed list of pods takes no commands');
  refuses('POST', '/elsewhere', {}, 404, '');
});

describe('starting simulated nodes', () => {
  const refuses = (title: string, options: SimulatedNodesOptions, message: string): void => {
    it(title, async () => {
      const refused = await startSimulatedNodes(options).catch((error: unknown) => error);
      expect(refused).to.be.instanceOf(RangeError).with.property('message', message);
    });
  };

  refuses('needs pods or a cluster', { nodeCount: 1 }, 'simulated nodes need a kubeconfig or a list of pods');
  refuses(
    'needs a cluster to review callers',
    { nodeCount: 1, pods: [], auth: 'review' },
    'reviewing callers needs a kubeconfig',
  );

  it('fails when the port is taken', async () => {
    await using first = await start();
    expect(await codeOf(start({ port: first.port }))).to.equal('EADDRINUSE');
  });
});
