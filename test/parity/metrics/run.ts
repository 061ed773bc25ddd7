// Flow: one run: the same world for both sides, step by step; at each step they are asked the same.
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { KubeConfig } from '@kubernetes/client-node';
import { writeToEtcd } from '../../../bench/etcd-writer.ts';
import { benchmarkAccounts } from '../../../bench/manifests.ts';
import { ensureBinaries } from '../../cluster/build.ts';
import { type ControlPlane, startControlPlane } from '../../cluster/control-plane.ts';
import { SimApiClient } from '../../cluster/sim/api-client.ts';
import { controlPlaneTools } from '../../cluster/tools.ts';
import { clusterTools, installConfig } from '../../support/cluster-fixture.ts';
import { accessObjects, makeCredentials, type Tokens } from './credentials.ts';
import { Examination } from './examination.ts';
import { FrozenKubelets } from './kubelets.ts';
import { makeWorld } from './make-world.ts';
import { lastStep } from './model.ts';
import type { ParityOptions } from './options.ts';
import { choosePlaces } from './places.ts';
import { Relay } from './relay.ts';
import { makeReport, type Report } from './report.ts';
import { type Side, startOurs, startReference } from './side.ts';
import { type Creation, changesAt } from './stored-objects.ts';

const podCount = { full: 640, quick: 300 };
const lastQuickStep = 2;
/** For what both sides watch at the API server: pods, nodes, their labels. */
const watchedAfterMs = 500;

export interface RunDeps {
  readonly options: ParityOptions;
  readonly signal: AbortSignal;
  readonly progress: (line: string) => void;
}

export async function run({ options, signal, progress }: RunDeps): Promise<Report> {
  const { seed, quick } = options;
  const startMs = Date.now();
  const world = makeWorld({ seed, pods: quick ? podCount.quick : podCount.full, baseMs: startMs - 30_000 });
  await using undo = new AsyncDisposableStack();
  const kubelets = undo.use(new FrozenKubelets(world));
  kubelets.freeze(0);
  const creation: Creation = { createdAtMs: startMs - 86_400_000, kubeletPorts: await kubelets.listen() };
  progress(`starting a control plane with ${world.nodes.length} nodes and ${world.pods.length} pods`);
  const binaries = await ensureBinaries(progress, [...controlPlaneTools, 'metrics-server']);
  const controlPlane = undo.use(await startControlPlane({ controllers: 'serviceaccount-controller', binaries }));
  await controlPlane.stopComponent('kube-scheduler');
  await controlPlane.stopComponent('kube-controller-manager');
  const api = clientOf(controlPlane, undo);
  const change = async (step: number): Promise<void> => {
    const { puts, deletes } = changesAt(world, step, creation);
    await writeToEtcd(controlPlane.etcdUrl, puts, signal, () => undefined);
    for (const path of deletes) await api.request({ method: 'DELETE', path });
  };
  await change(0);
  const relay = undo.use(new Relay());
  await relay.listen();
  const caFile = join(controlPlane.dir, 'kubelets-ca.crt');
  await writeFile(caFile, kubelets.caPem);
  const places = choosePlaces(world);
  await clusterTools(controlPlane).apply(...(benchmarkAccounts() as { items: object[] }).items, ...accounts);
  await clusterTools(controlPlane).apply(...accessObjects(places));
  progress('starting both sides');
  const stage = { controlPlane, caFile, undo };
  const a = await startReference('A', stage, (token) => kubelets.know(token, 'A'));
  await relay.lead(a.port);
  await installConfig(controlPlane, relay.port);
  const b = options.self
    ? await startReference('B', stage, (token) => kubelets.know(token, 'B'))
    : await startOurs('B', stage);
  const credentials = makeCredentials(controlPlane.credentials, await makeTokens(controlPlane));
  using examination = new Examination({
    world,
    sides: [a, b],
    controlPlane,
    relay,
    credentials,
    places,
    signal,
    progress,
  });
  for (let step = 0; step <= (quick ? lastQuickStep : lastStep); step++) {
    signal.throwIfAborted();
    if (step > 0) {
      kubelets.freeze(step);
      await change(step);
    }
    await readByBoth(kubelets, [a, b], signal);
    await examination.isServed(step);
    await sleep(watchedAfterMs, undefined, { signal });
    await examination.at(step);
  }
  return makeReport(options, examination.comparisons);
}

const accounts = [
  { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'parity' } },
  ...['reader', 'stranger'].map((name) => ({
    apiVersion: 'v1',
    kind: 'ServiceAccount',
    metadata: { name, namespace: 'parity' },
  })),
];

async function makeTokens(controlPlane: ControlPlane): Promise<Tokens> {
  const tools = clusterTools(controlPlane);
  return {
    reader: await controlPlane.serviceAccountToken('parity', 'reader'),
    stranger: await controlPlane.serviceAccountToken('parity', 'stranger'),
    otherAudience: (await tools.kubectl('create', 'token', 'reader', '-n', 'parity', '--audience=elsewhere')).trim(),
  };
}

function clientOf(controlPlane: ControlPlane, undo: AsyncDisposableStack): SimApiClient {
  const config = new KubeConfig();
  config.loadFromFile(controlPlane.kubeconfigPath);
  const api = new SimApiClient(config);
  undo.defer(() => api.close());
  return api;
}

async function readByBoth(kubelets: FrozenKubelets, sides: readonly Side[], signal: AbortSignal): Promise<void> {
  const isStopped = (): void => {
    signal.throwIfAborted();
    for (const side of sides) side.check();
  };
  await Promise.all(sides.map(({ name }) => kubelets.readBy(name, isStopped)));
}
