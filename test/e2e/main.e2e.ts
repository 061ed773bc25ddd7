// E2e: the main job. A real control plane, real kubectl, simulated kubelets, and Headroom as config/ installs it.
import { expect } from 'chai';
import { eventually, startTestCluster, type TestCluster, tableCells } from '../support/cluster-fixture.ts';
import type { HeadroomProcess } from '../support/headroom-process.ts';
import {
  type AutoscalerShape,
  cpuUtilization,
  deployment,
  headroomAutoscaler,
  horizontalPodAutoscaler,
  memoryAverage,
  replicaSet,
  replicationController,
  stabilizedFor,
  statefulSet,
  type WorkloadShape,
  widget,
  widgetDefinition,
} from '../support/workload-builders.ts';

const mebibyte = 2 ** 20;
const stabilizationSeconds = 10;

/** Steady demands, in all, for what `kubectl top` shows. */
const steady = [
  { name: 'web', replicas: 2, cores: 0.2, bytes: 64 * mebibyte },
  { name: 'batch', replicas: 1, cores: 0.7, bytes: 8 * mebibyte },
];

/** What is scaled: one of each kind, each by an autoscaler of its own name, all on one node so that their samples are of one time. */
const scaled: readonly { name: string; kind: string; apiVersion: string; build: (shape: WorkloadShape) => object }[] = [
  { name: 'deployed', kind: 'Deployment', apiVersion: 'apps/v1', build: deployment },
  { name: 'stateful', kind: 'StatefulSet', apiVersion: 'apps/v1', build: statefulSet },
  { name: 'replicated', kind: 'ReplicaSet', apiVersion: 'apps/v1', build: replicaSet },
  { name: 'controlled', kind: 'ReplicationController', apiVersion: 'v1', build: replicationController },
];

// With a request of 200m and a target of 50 %, from any number of pods on 0.49 cores call for 5 and 0.08 for 1.
const quietCores = 0.08;
const busyCores = 0.49;

interface Hpa {
  readonly status: {
    readonly currentReplicas?: number;
    readonly desiredReplicas: number;
    readonly conditions?: readonly {
      readonly type: string;
      readonly status: string;
      readonly reason: string;
      readonly message: string;
    }[];
  };
}

interface PodList {
  readonly items: readonly {
    readonly metadata: { readonly name: string };
    readonly spec: { readonly nodeName: string };
  }[];
}

interface EventList {
  readonly items: readonly {
    readonly type: string;
    readonly reason: string;
    readonly message: string;
    readonly reportingComponent: string;
  }[];
}

describe('Headroom on a real control plane', () => {
  let cluster: TestCluster;
  let headroom: HeadroomProcess;

  const hpaPath = (name: string): string => `/apis/autoscaling/v2/namespaces/default/horizontalpodautoscalers/${name}`;
  const hraPath = (name: string): string =>
    `/apis/autoscaling.headroom.dev/v1alpha1/namespaces/default/headroomautoscalers/${name}`;

  async function conditions(path: string): Promise<Record<string, string>> {
    const { status } = await cluster.read<Hpa>(path);
    return Object.fromEntries(
      (status.conditions ?? []).map((each) => [each.type, `${each.status} ${each.reason}: ${each.message}`]),
    );
  }

  async function eventsOf(name: string): Promise<string[]> {
    const query = `fieldSelector=${encodeURIComponent(`involvedObject.name=${name}`)}`;
    const { items } = await cluster.read<EventList>(`/api/v1/namespaces/default/events?${query}`);
    const ours = items.filter((event) => event.reportingComponent === 'horizontal-pod-autoscaler');
    return ours.map(({ type, reason, message }) => `${type} ${reason} ${message}`);
  }

  async function podsOf(name: string): Promise<PodList['items']> {
    return (await cluster.read<PodList>(`/api/v1/namespaces/default/pods?labelSelector=app%3D${name}`)).items;
  }

  before(async () => {
    const workload = (name: string, cores: number, bytes = 0) => ({
      name,
      namespace: 'default',
      selector: { app: name },
      container: 'app',
      cores,
      bytes,
    });
    cluster = await startTestCluster({
      nodeCount: 2,
      simulation: {
        workloads: [
          ...steady.map(({ name, cores, bytes }) => workload(name, cores, bytes)),
          ...[...scaled.map(({ name }) => name), 'widget', 'moved', 'shared'].map((name) => workload(name, quietCores)),
        ],
      },
    });
    await cluster.apply(
      ...steady.map(({ name, replicas }) => deployment({ name, replicas, sidecars: ['proxy'] })),
      ...scaled.map(({ name, build }) => build({ name, nodeName: 'sim-0' })),
      ...['widget', 'moved', 'shared'].map((name) => deployment({ name, nodeName: 'sim-0' })),
      ...['first', 'second', 'third', 'fourth'].map((name) => deployment({ name })),
      widgetDefinition,
    );
    headroom = await cluster.startHeadroom();
    await eventually(async () => {
      const measured = await cluster.read<PodList>('/apis/metrics.k8s.io/v1beta1/pods');
      const pods = await cluster.read<PodList>('/api/v1/pods');
      return pods.items.length >= 14 && measured.items.length === pods.items.length;
    });
  });

  after(async () => {
    await headroom?.[Symbol.asyncDispose]();
    await cluster?.stop();
  });

  describe('as a metrics server', () => {
    it('is Available behind the aggregator', async () => {
      await cluster.kubectl('wait', 'apiservice/v1beta1.metrics.k8s.io', '--for=condition=Available', '--timeout=10s');
      const [head, row] = tableCells(await cluster.kubectl('get', 'apiservice', 'v1beta1.metrics.k8s.io'));
      expect(head).to.deep.equal(['NAME', 'SERVICE', 'AVAILABLE', 'AGE']);
      expect(row?.slice(0, 3)).to.deep.equal(['v1beta1.metrics.k8s.io', 'headroom-system/headroom', 'True']);
    });

    it('is found by discovery', async () => {
      const versions = (await cluster.kubectl('api-versions')).split('\n');
      expect(versions).to.include.members(['metrics.k8s.io/v1beta1', 'autoscaling.headroom.dev/v1alpha1']);
      const resources = tableCells(await cluster.kubectl('api-resources', '--api-group=metrics.k8s.io'));
      expect(resources.slice(1)).to.deep.equal([
        ['nodes', 'metrics.k8s.io/v1beta1', 'false', 'NodeMetrics'],
        ['pods', 'metrics.k8s.io/v1beta1', 'true', 'PodMetrics'],
      ]);
    });

    it('shows kubectl top pod --containers what each container was made to use', async () => {
      const [head, ...rows] = tableCells(await cluster.kubectl('top', 'pod', '-A', '--containers'));
      expect(head).to.deep.equal(['NAMESPACE', 'POD', 'NAME', 'CPU(cores)', 'MEMORY(bytes)']);
      for (const { name, replicas, cores, bytes } of steady) {
        const pods = rows.filter(([, pod]) => pod?.startsWith(`${name}-`));
        expect(pods).to.have.length(2 * replicas);
        for (const [namespace, , container, cpu, memory] of pods) {
          expect(namespace).to.equal('default');
          const isWorker = container === 'app';
          const idle = { milliCores: 0.1, mebibytes: 16 };
          const shareMilliCores = isWorker ? (1000 * cores) / replicas : 0;
          const shareMebibytes = isWorker ? bytes / mebibyte / replicas : 0;
          expect(milliCores(cpu)).to.be.closeTo(shareMilliCores + idle.milliCores, 1.5);
          expect(memory).to.equal(`${shareMebibytes + idle.mebibytes}Mi`);
        }
      }
    });

    it('shows kubectl top pod the pods of a selector, one pod, and the sum', async () => {
      const selected = tableCells(await cluster.kubectl('top', 'pod', '-l', 'app=web'));
      expect(selected[0]).to.deep.equal(['NAME', 'CPU(cores)', 'MEMORY(bytes)']);
      const names = (await podsOf('web')).map(({ metadata }) => metadata.name);
      expect(selected.slice(1).map(([name]) => name)).to.have.members(names);
      for (const [, cpu, memory] of selected.slice(1)) {
        expect(milliCores(cpu)).to.be.closeTo(100.2, 1.5);
        expect(memory).to.equal('64Mi');
      }
      const [name = ''] = names;
      const single = tableCells(await cluster.kubectl('top', 'pod', name, '--no-headers'));
      expect(single.map(([first]) => first)).to.deep.equal([name]);
      const sum = tableCells(await cluster.kubectl('top', 'pod', '-l', 'app=web', '--sum')).at(-1);
      expect(milliCores(sum?.[0])).to.be.closeTo(200.4, 2);
      expect(sum?.[1]).to.equal('128Mi');
    });

    it('lets kubectl top sort by CPU and by memory', async () => {
      const top = async (sortBy: string): Promise<string[]> => {
        const selector = 'app in (web,batch)';
        const rows = tableCells(await cluster.kubectl('top', 'pod', '-l', selector, `--sort-by=${sortBy}`));
        return rows.slice(1).map(([name = '']) => name.slice(0, name.indexOf('-')));
      };
      expect(await top('cpu')).to.deep.equal(['batch', 'web', 'web']);
      expect(await top('memory')).to.deep.equal(['web', 'web', 'batch']);
    });

    it('shows kubectl top node the sum of the pods and the system', async () => {
      const [head, ...rows] = tableCells(await cluster.kubectl('top', 'node'));
      expect(head).to.deep.equal(['NAME', 'CPU(cores)', 'CPU(%)', 'MEMORY(bytes)', 'MEMORY(%)']);
      expect(rows.map(([name]) => name)).to.deep.equal(['sim-0', 'sim-1']);
      const pods = tableCells(await cluster.kubectl('top', 'pod', '-A')).slice(1);
      const { items } = await cluster.read<PodList>('/api/v1/pods');
      const nodeOf = new Map(items.map(({ metadata, spec }) => [metadata.name, spec.nodeName]));
      for (const [name, cpu, cpuPercent, memory, memoryPercent] of rows) {
        const own = pods.filter(([, pod = '']) => nodeOf.get(pod) === name);
        // kubectl rounds each pod up to a whole milli-core.
        const expectedCpu = own.reduce((sum, [, , pod]) => sum + milliCores(pod), 50);
        expect(milliCores(cpu)).to.be.within(expectedCpu - own.length - 2, expectedCpu + 2);
        expect(cpuPercent).to.equal(`${Math.floor(milliCores(cpu) / 80)}%`); // of 8 cores
        const expectedMemory = own.reduce((sum, [, , , pod]) => sum + mebibytes(pod), 256);
        expect(mebibytes(memory)).to.equal(expectedMemory);
        expect(memoryPercent).to.equal(`${Math.floor((100 * expectedMemory) / (32 * 1024))}%`);
      }
    });

    it('serves lists and single objects to kubectl get --raw', async () => {
      const base = '/apis/metrics.k8s.io/v1beta1';
      const raw = async (path: string): Promise<Record<string, unknown>> =>
        JSON.parse(await cluster.kubectl('get', '--raw', `${base}${path}`));
      const [pod = { metadata: { name: '' } }] = await podsOf('web');
      expect(await raw('/nodes')).to.deep.include({
        kind: 'NodeMetricsList',
        apiVersion: 'metrics.k8s.io/v1beta1',
        metadata: {},
      });
      const node = await raw('/nodes/sim-1');
      expect(node).to.include({ kind: 'NodeMetrics' });
      expect(node).to.have.all.keys('kind', 'apiVersion', 'metadata', 'timestamp', 'window', 'usage');
      expect(await raw('/pods')).to.include({ kind: 'PodMetricsList' });
      const list = await raw('/namespaces/default/pods?labelSelector=app%3Dweb');
      expect(list['items']).to.have.length(2);
      const one = await raw(`/namespaces/default/pods/${pod.metadata.name}`);
      expect(one).to.have.all.keys('kind', 'apiVersion', 'metadata', 'timestamp', 'window', 'containers');
      const containers = one['containers'] as { name: string; usage: { cpu: string; memory: string } }[];
      expect(containers.map(({ name, usage }) => [name, usage.memory])).to.deep.equal([
        ['app', '48Mi'],
        ['proxy', '16Mi'],
      ]);
      expect(containers.map(({ usage }) => Math.round(microCores(usage.cpu)))).to.deep.equal([100_100, 100]);
      const missing = await cluster.controlPlane.kubectl(['get', '--raw', `${base}/namespaces/default/pods/none`]);
      expect(missing).to.deep.include({
        code: 1,
        stderr: 'Error from server (NotFound): pods "none" not found\n',
      });
    });

    it('prints kubectl get podmetrics and nodemetrics as tables, and as YAML', async () => {
      const [head, ...pods] = tableCells(await cluster.kubectl('get', 'podmetrics', '-l', 'app=web'));
      expect(head).to.deep.equal(['NAME', 'CPU', 'MEMORY', 'WINDOW']);
      expect(pods).to.have.length(2);
      for (const [, cpu, memory] of pods) {
        expect(Math.round(microCores(cpu))).to.equal(100_200);
        expect(memory).to.equal('64Mi');
      }
      const nodes = tableCells(await cluster.kubectl('get', 'nodemetrics'));
      expect(nodes.map(([name]) => name)).to.deep.equal(['NAME', 'sim-0', 'sim-1']);
      const yaml = await cluster.kubectl('get', 'nodes.metrics.k8s.io', '-o', 'yaml');
      expect(yaml).to.match(/^- apiVersion: metrics\.k8s\.io\/v1beta1\n {2}kind: NodeMetrics$/m);
    });
  });

  describe('as an autoscaler that users talk to with kubectl', () => {
    const versionOne = {
      apiVersion: 'autoscaling/v1',
      kind: 'HorizontalPodAutoscaler',
      metadata: { name: 'first', namespace: 'default' },
      spec: {
        scaleTargetRef: { apiVersion: 'apps/v1', kind: 'Deployment', name: 'first' },
        minReplicas: 1,
        maxReplicas: 3,
        targetCPUUtilizationPercentage: 70,
      },
    };

    before(async () => {
      await cluster.apply(
        horizontalPodAutoscaler({
          name: 'web',
          minReplicas: 2,
          metrics: [cpuUtilization(50), memoryAverage('100Mi')],
        }),
        versionOne,
      );
    });

    it('takes over native HPAs where kube-controller-manager leaves them alone, and says so', async () => {
      await headroom.waitFor('native HPAs are scaled by Headroom: nobody else writes their status');
      expect(await headroom.selfMetric('headroom_controller_owns_native_hpas')).to.equal(1);
    });

    it('fills the columns of kubectl get hpa for autoscaling/v2', async () => {
      await cluster.kubectl('wait', 'hpa/web', '--for=condition=ScalingActive', '--timeout=30s');
      const [head, row] = tableCells(await cluster.kubectl('get', 'hpa', 'web'));
      expect(head).to.deep.equal(['NAME', 'REFERENCE', 'TARGETS', 'MINPODS', 'MAXPODS', 'REPLICAS', 'AGE']);
      // (100.1m + 0.1m) of (200m + 50m) is 40 %
      expect(row?.slice(0, 6)).to.deep.equal([
        'web',
        'Deployment/web',
        'cpu: 40%/50%, memory: 64Mi/100Mi',
        '2',
        '10',
        '2',
      ]);
    });

    it('reconciles an HPA that was applied as autoscaling/v1', async () => {
      await cluster.kubectl('wait', 'hpa/first', '--for=condition=ScalingActive', '--timeout=30s');
      const [, row] = tableCells(await cluster.kubectl('get', 'hpa', 'first'));
      expect(row?.slice(0, 6)).to.deep.equal(['first', 'Deployment/first', 'cpu: 0%/70%', '1', '3', '1']);
      const one = JSON.parse(
        await cluster.kubectl('get', 'horizontalpodautoscalers.v1.autoscaling', 'first', '-o', 'json'),
      );
      expect(one.status).to.deep.include({
        currentReplicas: 1,
        desiredReplicas: 1,
        currentCPUUtilizationPercentage: 0,
      });
    });

    it('reconciles what kubectl autoscale makes', async () => {
      const autoscale = (name: string, ...flags: string[]): Promise<string> =>
        cluster.kubectl('autoscale', 'deployment', name, ...flags);
      const made = await autoscale('second', '--cpu=50%', '--min=1', '--max=10');
      expect(made).to.equal('horizontalpodautoscaler.autoscaling/second autoscaled\n');
      await autoscale('third', '--cpu-percent=60', '--min=2', '--max=3');
      await autoscale('fourth', '--memory=50%', '--max=2');
      for (const name of ['second', 'fourth']) {
        await cluster.kubectl('wait', `hpa/${name}`, '--for=condition=ScalingActive', '--timeout=30s');
      }
      await cluster.kubectl('wait', 'deployment/third', '--for=jsonpath={.spec.replicas}=2', '--timeout=30s');
      const [, ...rows] = tableCells(await cluster.kubectl('get', 'hpa', 'second', 'fourth'));
      expect(rows.map((row) => row.slice(0, 6))).to.deep.equal([
        ['second', 'Deployment/second', 'cpu: 0%/50%', '1', '10', '1'],
        ['fourth', 'Deployment/fourth', 'memory: 25%/50%', '1', '2', '1'],
      ]);
      expect(await eventsOf('third')).to.include(
        'Normal SuccessfulRescale New size: 2; reason: Current number of replicas below Spec.MinReplicas',
      );
    });

    it('is described by kubectl describe hpa with metrics, conditions and events', async () => {
      const text = await cluster.kubectl('describe', 'hpa', 'web');
      const lines = text.split('\n').map((line) => line.trim().replaceAll(/\s{2,}/g, '  '));
      expect(lines).to.include.members([
        'Name:  web',
        'Reference:  Deployment/web',
        'Metrics:  ( current / target )',
        // Each container's usage is rounded up to a whole milli-core.
        'resource cpu on pods  (as a percentage of request):  40% (102m) / 50%',
        'resource memory on pods:  64Mi / 100Mi',
        'Min replicas:  2',
        'Max replicas:  10',
        'Deployment pods:  2 current / 2 desired',
        'AbleToScale  True  ReadyForNewScale  recommended size matches current size',
        'ScalingActive  True  ValidMetricFound  the HPA was able to successfully calculate a replica count from cpu resource utilization (percentage of request)',
        'ScalingLimited  False  DesiredWithinRange  the desired count is within the acceptable range',
        'Events:  <none>',
      ]);
    });
  });

  describe('when the load steps up and down', () => {
    const behavior = stabilizedFor(stabilizationSeconds);
    const autoscalers: readonly (AutoscalerShape & { readonly name: string })[] = [
      ...scaled.map(({ name, kind, apiVersion }) => ({ name, target: { apiVersion, kind, name }, behavior })),
      { name: 'widget', target: { apiVersion: 'example.com/v1', kind: 'Widget', name: 'widget' }, behavior },
    ];
    const targets = [
      ...scaled.map(({ name, kind }) => `${kind}/${name}`),
      'widgets.example.com/widget',
      'Deployment/moved',
    ];
    const names = [...scaled.map(({ name }) => name), 'moved', 'widget'];

    before(async () => {
      await cluster.apply(widget('widget', 1));
      const status = JSON.stringify({ status: { replicas: 1, selector: 'app=widget' } });
      await cluster.kubectl('patch', 'widget', 'widget', '--subresource=status', '--type=merge', '-p', status);
      await cluster.apply(
        ...autoscalers.map((shape) => horizontalPodAutoscaler(shape)),
        headroomAutoscaler({ name: 'moved', behavior }),
      );
      const active = ['--for=condition=ScalingActive', '--timeout=30s'];
      await cluster.kubectl('wait', ...autoscalers.map(({ name }) => `hpa/${name}`), ...active);
      await cluster.kubectl('wait', 'hra/moved', ...active);
    });

    const waitForReplicas = (target: string, replicas: number): Promise<string> =>
      cluster.kubectl('wait', target, `--for=jsonpath={.spec.replicas}=${replicas}`, '--timeout=60s');

    describe('up', () => {
      before(() => {
        for (const name of names) cluster.simulation.setDemand(name, { cores: busyCores });
      });

      for (const target of targets) {
        it(`scales up ${target}`, async () => {
          await waitForReplicas(target, 5);
        });
      }

      it('reports the last step as an event in upstream’s words', async () => {
        const words =
          'Normal SuccessfulRescale New size: 5; reason: cpu resource utilization (percentage of request) above target';
        for (const name of names) await eventually(async () => (await eventsOf(name)).includes(words), 10_000);
      });

      it('logs every change of replicas with the numbers that led to it', async () => {
        const isStep = { message: 'replicas changed', level: 'info', to: 5, target: 'Deployment/deployed' };
        const line = await headroom.waitFor((each) =>
          Object.entries(isStep).every(([key, value]) => each[key] === value),
        );
        expect(line).to.include({
          autoscaler: 'HorizontalPodAutoscaler default/deployed',
          reason: 'cpu resource utilization (percentage of request) above target',
          proposed: 5,
        });
        const [metric] = line['metrics'] as [Record<string, unknown>];
        expect(metric).to.include({ name: 'cpu resource utilization (percentage of request)', proposed: 5 });
        expect(metric).to.have.include.keys('usageMilli', 'requestMilli', 'usageRatio', 'tolerance', 'pods');
      });

      it('settles where usage per pod is within tolerance of the target', async () => {
        const settled = await eventually(async () => {
          const [, row] = tableCells(await cluster.kubectl('get', 'hpa', 'deployed'));
          return row?.[2] === 'cpu: 49%/50%' && row;
        });
        expect(settled.slice(0, 6)).to.deep.equal(['deployed', 'Deployment/deployed', 'cpu: 49%/50%', '1', '10', '5']);
        expect(await podsOf('deployed')).to.have.length(5);
      });

      it('shows a HeadroomAutoscaler in the columns of an HPA', async () => {
        const row = await eventually(async () => {
          const [head, cells] = tableCells(await cluster.kubectl('get', 'hra', 'moved'));
          expect(head).to.deep.equal(['NAME', 'REFERENCE', 'TARGETS', 'MINPODS', 'MAXPODS', 'REPLICAS', 'AGE']);
          return cells?.[2] === 'cpu: 49%/50%' && cells;
        });
        expect(row.slice(0, 6)).to.deep.equal(['moved', 'Deployment/moved', 'cpu: 49%/50%', '1', '10', '5']);
      });
    });

    describe('down', () => {
      let lowAtMs: number;

      before(() => {
        lowAtMs = Date.now();
        for (const name of names) cluster.simulation.setDemand(name, { cores: quietCores });
      });

      it('holds the replicas for the stabilization window, and says so', async () => {
        const held =
          'True ScaleDownStabilized: recent recommendations were higher than current one, applying the highest recent recommendation';
        await eventually(async () => (await conditions(hpaPath('deployed')))['AbleToScale'] === held);
        const { status } = await cluster.read<Hpa>(hpaPath('deployed'));
        expect(status).to.include({ currentReplicas: 5, desiredReplicas: 5 });
      });

      for (const target of targets) {
        it(`scales down ${target} when the window is over`, async () => {
          await waitForReplicas(target, 1);
          expect(Date.now() - lowAtMs).to.be.at.least(1000 * stabilizationSeconds);
        });
      }

      it('reports it as an event, and leaves one pod that carries the load', async () => {
        const words = 'Normal SuccessfulRescale New size: 1; reason: All metrics below target';
        for (const name of names) await eventually(async () => (await eventsOf(name)).includes(words), 10_000);
        await eventually(async () => (await podsOf('deployed')).length === 1);
        await eventually(async () => {
          const found = await conditions(hpaPath('deployed'));
          expect(found).to.deep.equal({
            AbleToScale: 'True ReadyForNewScale: recommended size matches current size',
            ScalingActive:
              'True ValidMetricFound: the HPA was able to successfully calculate a replica count from cpu resource utilization (percentage of request)',
            ScalingLimited: 'False DesiredWithinRange: the desired count is within the acceptable range',
          });
          return true;
        });
      });
    });
  });

  describe('when an HPA and a HeadroomAutoscaler share a target', () => {
    const refusal =
      'HeadroomAutoscaler default/shared and HorizontalPodAutoscaler default/shared have the same scale target, Deployment default/shared: none of them scales it until only one is left';

    it('refuses both, naming both', async () => {
      await cluster.apply(horizontalPodAutoscaler({ name: 'shared' }), headroomAutoscaler({ name: 'shared' }));
      for (const path of [hpaPath('shared'), hraPath('shared')]) {
        await eventually(async () => (await conditions(path))['ScalingActive'] === `False AmbiguousTarget: ${refusal}`);
      }
      await eventually(async () => (await eventsOf('shared')).includes(`Warning AmbiguousTarget ${refusal}`));
      cluster.simulation.setDemand('shared', { cores: busyCores });
      await eventually(async () => (await cpuOfPod('shared')) > 400);
      await cluster.kubectl('wait', 'deployment/shared', '--for=jsonpath={.spec.replicas}=1', '--timeout=1s');
    });

    it('scales by the one that is left', async () => {
      await cluster.kubectl('delete', 'hpa', 'shared');
      await cluster.kubectl('wait', 'deployment/shared', '--for=jsonpath={.spec.replicas}=5', '--timeout=30s');
      await eventually(async () => (await conditions(hraPath('shared')))['ScalingActive']?.startsWith('True') === true);
    });

    async function cpuOfPod(app: string): Promise<number> {
      const rows = tableCells(await cluster.kubectl('top', 'pod', '-l', `app=${app}`, '--no-headers'));
      return milliCores(rows[0]?.[1]);
    }
  });

  describe('when it is told to stop', () => {
    it('ends with exit code 0, gives up the lease and removes its canary', async () => {
      const askedAtMs = Date.now();
      expect(await headroom.stop('SIGTERM')).to.deep.equal({ code: 0, signal: null });
      expect(Date.now() - askedAtMs).to.be.below(15_000);
      const lease = '/apis/coordination.k8s.io/v1/namespaces/headroom-system/leases/headroom';
      const { spec } = await cluster.read<{ spec: { holderIdentity?: string } }>(lease);
      expect(spec.holderIdentity ?? '').to.equal('');
      const left = await cluster.kubectl('get', 'hpa', '-n', 'headroom-system', '-o', 'name');
      expect(left).to.equal('');
    });
  });
});

/** `101m` -> 101. */
function milliCores(text: string | undefined): number {
  return Number(/^(\d+)m$/.exec(text ?? '')?.[1] ?? Number.NaN);
}

/** `100100u` or `100099999n` -> 100100, or nearly so: the counters of a kubelet are sums of many rounded steps. */
function microCores(text: string | undefined): number {
  const [, digits, suffix] = /^(\d+)([num])$/.exec(text ?? '') ?? [];
  return Number(digits) * { n: 0.001, u: 1, m: 1000 }[suffix as 'n' | 'u' | 'm'];
}

/** `64Mi` -> 64. */
function mebibytes(text: string | undefined): number {
  return Number(/^(\d+)Mi$/.exec(text ?? '')?.[1] ?? Number.NaN);
}
