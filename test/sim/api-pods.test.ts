// Integration: nodes and pods of the simulation against an API server on a real socket.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { request as httpsRequest } from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { assert, expect } from 'chai';
import { createAuthority, type KeyPairPem } from '../cluster/pki.ts';
import {
  type SimulatedNodes,
  type SimulatedNodesOptions,
  startSimulatedNodes,
} from '../cluster/sim/simulated-nodes.ts';
import {
  type FakeApiServer,
  type FakeObject,
  type SeenRequest,
  send,
  startFakeApiServer,
  status,
} from '../support/fake-apiserver.ts';
import { simWorkload } from '../support/sim-builders.ts';
import { until } from '../support/until.ts';

const pods = '/api/v1/pods';
const nodes = '/api/v1/nodes';
const leases = '/apis/coordination.k8s.io/v1/leases';

let api: FakeApiServer;
let folder: string;
let simulation: SimulatedNodes | undefined;
/** Answers to reviews: who the bearer of a token is, and who may read metrics. */
let users: Record<string, string> = {};
let allowed: readonly string[] = [];

beforeEach(async () => {
  api = await startFakeApiServer();
  api.intercept = (request, response) =>
    patchStatus(request, response) || deletePod(request, response) || review(request, response);
  folder = mkdtempSync(join(tmpdir(), 'sim-'));
  writeFileSync(join(folder, 'kubeconfig'), api.kubeConfig().exportConfig());
});

afterEach(async () => {
  await simulation?.stop();
  simulation = undefined;
  await api.close();
  rmSync(folder, { recursive: true });
});

type Answer = Parameters<FakeApiServer['intercept']>[1];

/** A status patch as the API server applies it, but for the merging of lists, which no test here needs. */
function patchStatus({ method, path, body }: SeenRequest, response: Answer): boolean {
  if (method !== 'PATCH' || !path.endsWith('/status')) return false;
  const [collection, key] = path.includes('/pods/')
    ? ([pods, path.split('/').slice(4, 7).toSpliced(1, 1).join('/')] as const)
    : ([nodes, path.split('/')[4] ?? ''] as const);
  const object = api.get(collection, key);
  if (object === undefined) send(response, 404, status(404, 'NotFound', 'gone'));
  else send(response, 200, api.put(collection, { ...object, status: (body as FakeObject)['status'] }));
  return true;
}

function deletePod({ method, path }: SeenRequest, response: Answer): boolean {
  if (method !== 'DELETE') return false;
  api.remove(pods, path.split('/').slice(4, 7).toSpliced(1, 1).join('/'));
  send(response, 200, {});
  return true;
}

function review({ path, body }: SeenRequest, response: Answer): boolean {
  const { spec } = (body ?? {}) as { spec?: { token?: string; user?: string } };
  if (path.endsWith('/tokenreviews')) {
    const username = users[spec?.token ?? ''];
    send(response, 201, { status: { authenticated: username !== undefined, user: { username } } });
    return true;
  }
  if (path.endsWith('/subjectaccessreviews')) {
    send(response, 201, { status: { allowed: allowed.includes(spec?.user ?? '') } });
    return true;
  }
  return false;
}

async function start(changes: Partial<SimulatedNodesOptions> = {}): Promise<SimulatedNodes> {
  simulation = await startSimulatedNodes({
    kubeconfigPath: join(folder, 'kubeconfig'),
    nodeCount: 2,
    workloads: [simWorkload({ cores: 1 })],
    timing: { startDelayMs: 20, readyDelayMs: 20, stopDelayMs: 20 },
    ...changes,
  });
  return simulation;
}

/** Binds a pod to a node, as the scheduler would. */
function bind(name: string, nodeName = 'sim-0', changes: { metadata?: object; status?: object } = {}): void {
  api.put(pods, {
    metadata: { namespace: 'default', name, uid: `uid-${name}`, labels: { app: 'web' }, ...changes.metadata },
    spec: { nodeName, containers: [{ name: 'main', image: 'example/web:1' }] },
    status: changes.status ?? { phase: 'Pending' },
  });
}

interface PodStatus {
  readonly phase?: string;
  readonly podIP?: string;
  readonly hostIP?: string;
  readonly conditions?: readonly { readonly type: string; readonly status: string }[];
  readonly containerStatuses?: readonly { readonly restartCount: number }[];
}

function statusOf(name: string): PodStatus | undefined {
  return api.get(pods, `default/${name}`)?.['status'] as PodStatus | undefined;
}

function isReady(name: string): boolean {
  return statusOf(name)?.conditions?.some(({ type, status }) => type === 'Ready' && status === 'True') ?? false;
}

describe('simulated nodes', () => {
  it('register with their address, port and capacity, each with a lease', async () => {
    const { port } = await start({ nodeLabels: { zone: 'a' }, capacity: { cpu: '4', memory: '8Gi', pods: '50' } });
    const node = api.get(nodes, 'sim-1') as unknown as {
      metadata: { uid: string; labels: Record<string, string> };
      status: Record<string, unknown>;
    };
    expect(node.metadata.labels).to.include({ zone: 'a', 'kubernetes.io/hostname': 'sim-1' });
    expect(node.status).to.deep.include({
      addresses: [
        { type: 'InternalIP', address: '127.16.1.2' },
        { type: 'Hostname', address: 'sim-1' },
      ],
      allocatable: { cpu: '4', memory: '8Gi', pods: '50' },
      daemonEndpoints: { kubeletEndpoint: { Port: port } },
    });
    expect(api.get(leases, 'kube-node-lease/sim-1')).to.deep.include.keys('spec');
  });

  it('take over the Node objects that an earlier simulation left', async () => {
    const first = await start();
    await first.stop();
    const { port } = await start();
    const node = api.get(nodes, 'sim-0') as unknown as { status: Record<string, unknown> };
    expect(node.status).to.deep.include({ daemonEndpoints: { kubeletEndpoint: { Port: port } } });
  });

  it('lose their addresses and get them back', async () => {
    const started = await start();
    const addresses = (): unknown =>
      (api.get(nodes, 'sim-0') as unknown as { status: { addresses: unknown } }).status.addresses;
    await started.setFault('sim-0', { kind: 'no-address' });
    expect(addresses()).to.deep.equal([]);
    await started.setFault('sim-0', undefined);
    expect(addresses()).to.have.length(2);
  });

  it('belong to somebody else when told so', async () => {
    await start({ registerNodes: false });
    expect(api.requests.some(({ path }) => path.startsWith(nodes))).to.equal(false);
  });
});

describe('a pod that is bound to a simulated node', () => {
  it('is announced, runs, and is ready, each in its time', async () => {
    await start();
    bind('a');
    await until(() => isReady('a'));
    const patches = api.requests.filter(({ method, path }) => method === 'PATCH' && path.includes('/pods/a/'));
    const phases = patches.map(({ body }) => (body as { status: PodStatus }).status.phase);
    expect(phases).to.deep.equal(['Pending', 'Running', 'Running']);
    expect(statusOf('a')).to.include({ podIP: '10.0.0.2', hostIP: '127.16.1.1' });
    // Load arrives when the node has read the answer to its patch: a moment after everybody else can see the pod ready.
    await until(() => simulation?.workloadState('web').readyPods === 1);
  });

  it('is left alone when the node is somebody else’s', async () => {
    await start();
    bind('elsewhere', 'real-node');
    bind('a');
    await until(() => isReady('a'));
    expect(statusOf('elsewhere')).to.deep.equal({ phase: 'Pending' });
  });

  it('stops and goes when it is deleted', async () => {
    await start();
    bind('a');
    await until(() => isReady('a'));
    const stored = api.get(pods, 'default/a');
    assert(stored !== undefined);
    api.put(pods, { ...stored, metadata: { ...stored.metadata, deletionTimestamp: '2025-01-01T00:00:00Z' } });
    await until(() => api.get(pods, 'default/a') === undefined);
    const deletion = api.requests.find(({ method }) => method === 'DELETE');
    expect(deletion?.body).to.deep.equal({ gracePeriodSeconds: 0, preconditions: { uid: 'uid-a' } });
    await until(() => simulation?.statistics().runningPods === 0);
  });

  it('carries no load any more when it is removed by force', async () => {
    await start();
    bind('a');
    await until(() => isReady('a'));
    api.remove(pods, 'default/a');
    await until(() => simulation?.statistics().runningPods === 0);
    expect(simulation?.workloadState('web').readyPods).to.equal(0);
  });

  it('is taken over as it is when it runs already', async () => {
    const conditions = [{ type: 'Ready', status: 'True' }];
    bind('a', 'sim-0', { status: { phase: 'Running', podIP: '10.9.9.9', conditions, containerStatuses: [] } });
    const started = await start();
    expect(started.workloadState('web').readyPods).to.equal(1);
    expect(api.requests.some(({ method, path }) => method === 'PATCH' && path.includes('/pods/'))).to.equal(false);
  });

  it('restarts, fails its probe and finishes on demand', async () => {
    const started = await start();
    bind('a');
    await until(() => isReady('a'));
    started.restartPod('default', 'a');
    await until(() => statusOf('a')?.containerStatuses?.[0]?.restartCount === 1 && isReady('a'));
    started.failProbe('default', 'a', true);
    await until(() => !isReady('a'));
    expect(started.workloadState('web').readyPods).to.equal(0);
    started.failProbe('default', 'a', false);
    await until(() => isReady('a'));
    started.finishPod('default', 'a', 'Succeeded');
    await until(() => statusOf('a')?.phase === 'Succeeded');
    expect(started.statistics().runningPods).to.equal(0);
  });

  it('is published again when the API server refused the first time', async () => {
    await start();
    const usual = api.intercept;
    let refusals = 0;
    api.intercept = (request, response) => {
      if (request.method !== 'PATCH' || refusals > 0) return usual(request, response);
      refusals++;
      send(response, 500, status(500, 'InternalError', 'try again'));
      return true;
    };
    bind('a');
    await until(() => isReady('a'));
    expect(refusals).to.equal(1);
  });
});

describe('the watch of pods', () => {
  it('goes on where it was when the connection drops', async () => {
    await start();
    await until(() => api.watcherCount === 1);
    api.dropWatches();
    bind('a');
    await until(() => isReady('a'));
    expect(api.requests.filter(({ path, query }) => path === pods && !query.has('watch'))).to.have.length(1);
  });

  it('lists again, and forgets what is gone, when its version is too old', async () => {
    const started = await start();
    bind('a');
    await until(() => isReady('a'));
    api.silently(() => api.remove(pods, 'default/a'));
    api.compact();
    api.dropWatches();
    await until(() => started.statistics().runningPods === 0);
  });

  it('lists in pages', async () => {
    for (let index = 0; index < 501; index++) {
      bind(`p${index}`, 'sim-0', { status: { phase: 'Running', conditions: [], containerStatuses: [] } });
    }
    expect((await start()).statistics().runningPods).to.equal(501);
  });
});

describe('the callers of a simulated kubelet', () => {
  const clients = createAuthority('clients');

  async function scrape(authorization: string, client?: KeyPairPem): Promise<readonly [number, string]> {
    const { promise, resolve, reject } = Promise.withResolvers<readonly [number, string]>();
    const request = httpsRequest({
      host: simulation?.nodes[0]?.address,
      port: simulation?.port,
      path: '/metrics/resource',
      ca: simulation?.caPem ?? '',
      agent: false,
      headers: { authorization },
      ...(client === undefined ? {} : { cert: client.certificatePem, key: client.keyPem }),
    });
    request.once('error', reject);
    request.once('response', (response) => {
      void text(response).then((body) => resolve([response.statusCode ?? 0, body]), reject);
    });
    request.end();
    return promise;
  }

  const reviews = (kind: string): number => api.requests.filter(({ path }) => path.endsWith(`/${kind}`)).length;

  beforeEach(async () => {
    users = { good: 'scraper', other: 'nobody' };
    allowed = ['scraper'];
    await start({ clientCaPem: clients.certificatePem });
  });

  it('are asked after at the API server, once', async () => {
    for (let round = 0; round < 3; round++) expect((await scrape('Bearer good'))[0]).to.equal(200);
    expect([reviews('tokenreviews'), reviews('subjectaccessreviews')]).to.deep.equal([1, 1]);
    const { body } = api.requests.find(({ path }) => path.endsWith('/subjectaccessreviews')) ?? {};
    expect((body as { spec: object }).spec).to.deep.include({
      user: 'scraper',
      resourceAttributes: { verb: 'get', version: 'v1', resource: 'nodes', subresource: 'metrics', name: 'sim-0' },
    });
  });

  it('may bring a client certificate, whose subject is who they are', async () => {
    const client = { commonName: 'scraper', organizations: ['one', 'two'], usage: 'client' } as const;
    expect((await scrape('', clients.issue(client)))[0]).to.equal(200);
    const { body } = api.requests.find(({ path }) => path.endsWith('/subjectaccessreviews')) ?? {};
    expect((body as { spec: object }).spec).to.deep.include({ user: 'scraper', groups: ['one', 'two'] });
    expect((await scrape('', createAuthority('strangers').issue(client)))[0]).to.equal(401);
  });

  it('are unauthorized without a token that the API server knows', async () => {
    expect(await scrape('Bearer unknown')).to.deep.equal([401, 'Unauthorized']);
    expect(await scrape('')).to.deep.equal([401, 'Unauthorized']);
  });

  it('are forbidden without the permission', async () => {
    const words = 'Forbidden (user=nobody, verb=get, resource=nodes, subresource(s)=[metrics])\n';
    expect(await scrape('Bearer other')).to.deep.equal([403, words]);
  });

  it('get an error when the API server cannot tell, and are asked after again', async () => {
    const usual = api.intercept;
    api.intercept = (request, response) => {
      if (!request.path.endsWith('/subjectaccessreviews')) return usual(request, response);
      send(response, 500, status(500, 'InternalError', 'no'));
      return true;
    };
    expect((await scrape('Bearer good'))[0]).to.equal(500);
    api.intercept = usual;
    expect((await scrape('Bearer good'))[0]).to.equal(200);
  });
});
