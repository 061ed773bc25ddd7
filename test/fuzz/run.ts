// Flow: a control plane with simulated kubelets, one Headroom, clients who watch it, and the parts of the fuzzing.
import { readFile } from 'node:fs/promises';
import { probe } from '../cluster/probe.ts';
import { eventually, startTestCluster, type TestCluster } from '../support/cluster-fixture.ts';
import type { HeadroomProcess } from '../support/headroom-process.ts';
import { deployment } from '../support/workload-builders.ts';
import { answerToTokensWithinMs, answerWithinMs } from './bounds.ts';
import { fuzzHttp } from './http/half.ts';
import { fuzzWithSchemathesis } from './http/schemathesis.ts';
import { fuzzParser } from './kubelets/half.ts';
import type { FuzzOptions } from './options.ts';
import type { FuzzReport } from './report.ts';
import { Tally } from './tally.ts';
import type { Caller, Target } from './target.ts';
import { type WatchedClient, Watcher } from './watcher.ts';

export interface RunDeps {
  readonly options: FuzzOptions;
  readonly signal: AbortSignal;
  readonly progress: (line: string) => void;
}

const realExposition = new URL('../sim/fixtures/resource-metrics.txt', import.meta.url);
const quietMs = 20_000;
const progressEveryMs = 30_000;
const nodeCount = 4;
const pods = 200;
/** Small, so that floods exceed it. */
const maxInFlight = 100;
/** Of schemathesis. */
const secondsPerDocument = 30;
const root = '/apis/metrics.k8s.io/v1beta1';

export async function run({ options, signal, progress }: RunDeps): Promise<FuzzReport> {
  const tally = new Tally((finding) => progress(`FINDING ${finding.kind}: ${finding.what}`));
  progress('starting a control plane');
  await using cluster = await startTestCluster({ nodeCount, controlPlane: { progress } });
  await cluster.apply(deployment({ name: 'web', replicas: pods, requests: null }), ...rightsOfUser);
  await using headroom = await cluster.startHeadroom({
    flags: ['-v=0', `--max-requests-inflight=${maxInFlight}`, '--native-hpas=never'],
  });
  const goodNodes = cluster.simulation.nodes.map(({ name }) => name);
  const admin = adminOf(cluster);
  await eventually(async () => (await servedNodes(headroom, admin)).length === goodNodes.length);
  const stop = new AbortController();
  const watcher = new Watcher({
    headroom,
    clients: await watchedClients(cluster),
    goodNodes,
    tally,
    onCrash: () => stop.abort(),
  });
  progress('before: nobody but the well-behaved clients');
  watcher.begin('before');
  await pause(quietMs, AbortSignal.any([signal, stop.signal]));
  watcher.begin('during');
  await schemathesisFirst({
    cluster,
    headroom,
    options,
    tally,
    signal: AbortSignal.any([signal, stop.signal]),
    progress,
  });
  progress(`fuzzing for ${options.durationMs / 60_000} minutes, seed ${options.seed}`);
  const until = AbortSignal.any([signal, stop.signal, AbortSignal.timeout(options.durationMs)]);
  const telling = setInterval(() => progress(stateOf(tally, watcher)), progressEveryMs);
  await bothHalves({ cluster, headroom, options, tally, signal: until, progress });
  clearInterval(telling);
  const memory = headroom.exited === undefined ? watcher.memory() : { peakBytes: Number.NaN, nowBytes: Number.NaN };
  watcher.begin('after');
  progress('after: nobody but the well-behaved clients');
  await pause(quietMs, AbortSignal.any([signal, stop.signal]));
  await watcher.stop();
  const restBytes = headroom.exited === undefined ? watcher.memory().nowBytes : Number.NaN;
  return {
    options,
    tally,
    phases: ['before', 'during', 'after'].map((phase) => ({ phase, clients: watcher.figures(phase) })),
    peakBytes: memory.peakBytes,
    restBytes,
    oldestSampleMs: watcher.oldestSampleMs,
  };
}

interface Parts {
  readonly cluster: TestCluster;
  readonly headroom: HeadroomProcess;
  readonly options: FuzzOptions;
  readonly tally: Tally;
  readonly signal: AbortSignal;
  readonly progress: (line: string) => void;
}

/** Before the others: in their floods it would be told 429, of which no document speaks. */
async function schemathesisFirst({ cluster, headroom, options, tally, signal, progress }: Parts): Promise<void> {
  if (!options.parts.includes('schemathesis')) return;
  const { port } = headroom;
  const token = await cluster.controlPlane.serviceAccountToken('default', userName);
  await fuzzWithSchemathesis({ port, token, tally, seed: options.seed, secondsPerDocument, signal, progress });
}

async function bothHalves({ cluster, headroom, options, tally, signal }: Parts): Promise<void> {
  const { controlPlane } = cluster;
  const { seed } = options;
  const work: Promise<void>[] = [];
  if (options.parts.includes('parser')) {
    work.push(fuzzParser({ controlPlane, tally, seed, signal, real: await readFile(realExposition) }));
  }
  if (options.parts.includes('http')) {
    const documents = await Promise.all(
      ['/openapi/v2', `/openapi/v3${root}`].map((path) => document(headroom, adminOf(cluster), path)),
    );
    work.push(fuzzHttp({ target: targetOf(cluster, headroom.port), tally, seed, signal, documents }));
  }
  await Promise.all(work);
}

function stateOf(tally: Tally, watcher: Watcher): string {
  const [, ...clients] = watcher.figures('during');
  const slowestMs = Math.max(...clients.map(({ maxMs }) => maxMs));
  const { peakBytes, nowBytes } = watcher.memory();
  const mebibytes = (bytes: number): string => (bytes / 1024 / 1024).toFixed(0);
  return (
    `${tally.inputs} inputs, ${tally.findings.length} findings; memory ${mebibytes(nowBytes)} MiB, at most ${mebibytes(peakBytes)}; ` +
    `slowest answer to others ${slowestMs.toFixed(0)} ms`
  );
}

type Identity = NonNullable<Caller['certificate']>;

function adminOf(cluster: TestCluster): Identity {
  return cluster.controlPlane.credentials.admin;
}

async function document(
  headroom: HeadroomProcess,
  admin: Identity,
  path: string,
): Promise<{ readonly paths: Record<string, Record<string, unknown>> }> {
  const answer = await get(headroom, admin, path);
  return JSON.parse(answer) as { readonly paths: Record<string, Record<string, unknown>> };
}

async function get(
  { port }: HeadroomProcess,
  { certificatePem: cert, keyPem: key }: Identity,
  path: string,
): Promise<string> {
  const headers = { accept: 'application/json' };
  const answer = await probe(`https://127.0.0.1:${port}${path}`, { cert, key, headers });
  if (answer?.status !== 200) throw new Error(`GET ${path}: ${answer?.status ?? 'no answer'}`);
  return answer.body;
}

async function servedNodes(headroom: HeadroomProcess, admin: Identity): Promise<readonly unknown[]> {
  const { items } = JSON.parse(await get(headroom, admin, `${root}/nodes`)) as { readonly items: readonly unknown[] };
  return items;
}

const userName = 'fuzz-user';

/** The user, and a ServiceAccount whose token is used, may read metrics. */
const rightsOfUser = [
  {
    apiVersion: 'rbac.authorization.k8s.io/v1',
    kind: 'ClusterRole',
    metadata: { name: userName },
    rules: [{ apiGroups: ['metrics.k8s.io'], resources: ['nodes', 'pods'], verbs: ['get', 'list'] }],
  },
  { apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name: userName, namespace: 'default' } },
  {
    apiVersion: 'rbac.authorization.k8s.io/v1',
    kind: 'ClusterRoleBinding',
    metadata: { name: userName },
    roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: userName },
    subjects: [
      { kind: 'User', apiGroup: 'rbac.authorization.k8s.io', name: userName },
      { kind: 'ServiceAccount', name: userName, namespace: 'default' },
    ],
  },
];

function targetOf({ controlPlane }: TestCluster, port: number): Target {
  const { clusterCa, admin } = controlPlane.credentials;
  const user = { name: 'user', certificate: clusterCa.issue({ commonName: userName, usage: 'client' }) };
  const liar = {
    name: 'stranger who claims to be somebody',
    headers: { 'X-Remote-User': 'admin', 'X-Remote-Group': 'system:masters' },
  };
  return {
    port,
    user,
    callers: [
      { name: 'stranger' },
      { name: 'administrator', certificate: admin },
      user,
      { name: 'invented token', headers: { Authorization: 'Bearer not.a.token' } },
      liar,
    ],
  };
}

/** Who must not notice: the aggregator for an ordinary user, an administrator, a user with a token, and the kubelet's probe. */
async function watchedClients({ controlPlane }: TestCluster): Promise<readonly WatchedClient[]> {
  const { frontProxyCa, admin } = controlPlane.credentials;
  const proxy = frontProxyCa.issue({ commonName: 'front-proxy-client', usage: 'client' });
  const token = await controlPlane.serviceAccountToken('default', userName);
  const paths = [`${root}/nodes`, `${root}/pods`, `${root}/nodes/sim-0`, root];
  const tls = ({ certificatePem: cert, keyPem: key }: Identity): { readonly cert: string; readonly key: string } => ({
    cert,
    key,
  });
  const common = { paths, everyMs: 250, keepAlive: true, headers: {}, alsoFine: [], withinMs: answerWithinMs };
  return [
    { ...common, name: 'administrator', ...tls(admin) },
    {
      ...common,
      name: 'aggregator, for a user',
      headers: { 'X-Remote-User': userName, 'X-Remote-Group': 'system:authenticated' },
      ...tls(proxy),
      alsoFine: [429],
    },
    {
      ...common,
      name: 'user with a token',
      headers: { Authorization: `Bearer ${token}` },
      alsoFine: [429],
      withinMs: answerToTokensWithinMs,
    },
    { ...common, name: 'probe, on a new connection', paths: ['/livez', '/readyz'], everyMs: 1_000, keepAlive: false },
  ];
}

function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, ms);
    signal.addEventListener('abort', () => {
      clearTimeout(timer);
      resolve();
    });
  });
}
