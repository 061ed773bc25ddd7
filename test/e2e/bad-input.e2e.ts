// E2e: what users and kubelets get wrong. Each mistake is told once, in upstream's words, and disturbs nothing else.
import { expect } from 'chai';
import { runCommand } from '../cluster/processes.ts';
import type { Fault } from '../cluster/sim/fault.ts';
import { eventually, startTestCluster, type TestCluster } from '../support/cluster-fixture.ts';
import { type HeadroomProcess, headroomCommand } from '../support/headroom-process.ts';
import {
  deployment,
  horizontalPodAutoscaler,
  podTemplate,
  stabilizedFor,
  widget,
  widgetDefinition,
} from '../support/workload-builders.ts';

const mebibyte = 2 ** 20;

interface Condition {
  readonly type: string;
  readonly status: string;
  readonly reason: string;
  readonly message: string;
}

interface Hpa {
  readonly status: { readonly conditions?: readonly Condition[]; readonly currentMetrics?: readonly unknown[] | null };
}

interface MetricsList {
  readonly items: readonly {
    readonly metadata: { readonly name: string };
    readonly timestamp: string;
    readonly usage?: { readonly cpu: string };
  }[];
}

describe('wrong flags', () => {
  it('are all told, each by its name, and nothing starts: exit code 2', async () => {
    const flags = ['--metric-resolution=5s', '--secure-port=0', '--native-hpas=sometimes', '--no-such-flag', '-v=x'];
    const answer = await runCommand(headroomCommand(flags));
    expect(answer).to.include({ code: 2, stdout: '' });
    const lines = answer.stderr.trimEnd().split('\n');
    expect(lines.every((line) => line.startsWith('headroom: '))).to.equal(true);
    const mistakes = ['metric-resolution', '--secure-port', '--native-hpas', '--no-such-flag', '-v'];
    for (const mistake of mistakes) expect(lines.filter((line) => line.includes(mistake))).to.have.length(1);
    expect(lines).to.have.length(mistakes.length);
  });

  it('that contradict each other are told too', async () => {
    const flags = [
      '--metric-resolution=10s',
      '--kubelet-request-timeout=10s',
      '--kubelet-insecure-tls',
      '--kubelet-certificate-authority=/any',
    ];
    const { code, stderr } = await runCommand(headroomCommand(flags));
    expect(code).to.equal(2);
    expect(stderr.trimEnd().split('\n')).to.have.members([
      'headroom: metric-resolution should be larger than kubelet-request-timeout, but metric-resolution value 10s kubelet-request-timeout value 10s provided',
      'headroom: cannot use both --kubelet-certificate-authority and --kubelet-insecure-tls',
    ]);
  });

  it('for files that are not there end the start: exit code 1', async () => {
    const { code, stderr } = await runCommand(headroomCommand(['--kubeconfig=/no/such/file', '--logging-format=json']));
    expect(code).to.equal(1);
    expect(stderr).to.include('/no/such/file');
  });
});

/** What is wrong with each node, and how the log tells it. */
const faults: Readonly<Record<string, { fault: Fault; reason: string; detail: RegExp }>> = {
  'sim-1': { fault: { kind: 'reset' }, reason: 'request', detail: /ECONNRESET|closed|disconnected/ },
  'sim-2': { fault: { kind: 'hang' }, reason: 'timeout', detail: /^deadline of 8000 ms exceeded$/ },
  'sim-3': { fault: { kind: 'hang-in-body' }, reason: 'timeout', detail: /^deadline of 8000 ms exceeded$/ },
  'sim-4': {
    fault: { kind: 'status', code: 401 },
    reason: 'request',
    detail: /^request failed, status: "401 Unauthorized"$/,
  },
  'sim-5': {
    fault: { kind: 'status', code: 500 },
    reason: 'request',
    detail: /^request failed, status: "500 Internal Server Error"$/,
  },
  'sim-6': { fault: { kind: 'html' }, reason: 'body', detail: /^the body is not an exposition of metrics$/ },
  'sim-7': {
    fault: { kind: 'garbage', bytes: mebibyte },
    reason: 'body',
    detail: /^the body is not an exposition of metrics$/,
  },
  'sim-8': { fault: { kind: 'truncated' }, reason: 'request', detail: /./ },
  'sim-9': { fault: { kind: 'endless' }, reason: 'body', detail: /^body exceeds \d+ bytes$/ },
  'sim-10': { fault: { kind: 'huge', bytes: 100 * mebibyte }, reason: 'body', detail: /^body exceeds \d+ bytes$/ },
  'sim-11': { fault: { kind: 'wrong-certificate' }, reason: 'request', detail: /certificate/ },
  'sim-12': { fault: { kind: 'no-address' }, reason: 'address', detail: /^no address matched types \[InternalIP\]$/ },
  'sim-13': { fault: { kind: 'scrape-error' }, reason: 'no-samples', detail: /^the kubelet reports no usage$/ },
};
const faultyNodes = Object.keys(faults);

/** An HPA that cannot do its work, by its name; `$pod` stands for the name of its pod. */
const mistakes: readonly {
  readonly name: string;
  readonly what: string;
  readonly condition: Condition;
  readonly events: readonly string[];
}[] = [
  {
    name: 'requestless',
    what: 'whose pods have no requests',
    condition: {
      type: 'ScalingActive',
      status: 'False',
      reason: 'FailedGetResourceMetric',
      message:
        'the HPA was unable to compute the replica count: failed to get cpu utilization: missing request for cpu in container app of Pod $pod',
    },
    events: [
      'Warning FailedGetResourceMetric failed to get cpu utilization: missing request for cpu in container app of Pod $pod',
      'Warning FailedComputeMetricsReplicas invalid metrics (1 invalid out of 1), first error is: failed to get cpu resource metric value: failed to get cpu utilization: missing request for cpu in container app of Pod $pod',
    ],
  },
  {
    name: 'nowhere',
    what: 'whose target does not exist',
    condition: cannotGetScale('deployments.apps "nowhere" not found'),
    events: ['Warning FailedGetScale deployments.apps "nowhere" not found'],
  },
  {
    name: 'scaleless',
    what: 'whose target has no scale',
    condition: cannotGetScale('the server could not find the requested resource'),
    events: ['Warning FailedGetScale the server could not find the requested resource'],
  },
  {
    name: 'unknown-kind',
    what: 'whose target is of a kind that is not served',
    condition: cannotGetScale('no matches for kind "Gadget" in group "example.com"'),
    events: ['Warning FailedGetScale no matches for kind "Gadget" in group "example.com"'],
  },
  {
    name: 'selectorless',
    what: 'whose target has no selector',
    condition: {
      type: 'ScalingActive',
      status: 'False',
      reason: 'InvalidSelector',
      message: "the HPA target's scale is missing a selector",
    },
    events: [
      'Warning SelectorRequired selector is required',
      'Warning FailedComputeMetricsReplicas selector is required',
    ],
  },
  {
    name: 'asleep',
    what: 'whose target has zero replicas',
    condition: {
      type: 'ScalingActive',
      status: 'False',
      reason: 'ScalingDisabled',
      message: 'scaling is disabled since the replica count of the target is zero',
    },
    events: [],
  },
  {
    name: 'rival-a',
    what: 'that selects the pods of another',
    condition: {
      type: 'ScalingActive',
      status: 'False',
      reason: 'AmbiguousSelector',
      message: 'pods by selector app=contested are controlled by multiple HPAs: [default/rival-a default/rival-b]',
    },
    events: [
      'Warning AmbiguousSelector pods by selector app=contested are controlled by multiple HPAs: [default/rival-a default/rival-b]',
      'Warning FailedComputeMetricsReplicas pods by selector app=contested are controlled by multiple HPAs: [default/rival-a default/rival-b]',
    ],
  },
];

function cannotGetScale(error: string): Condition {
  return {
    type: 'AbleToScale',
    status: 'False',
    reason: 'FailedGetScale',
    message: `the HPA controller was unable to get the target's current scale: ${error}`,
  };
}

describe('bad input', () => {
  let cluster: TestCluster;
  let headroom: HeadroomProcess;

  const target = (kind: string, name: string, apiVersion = 'apps/v1') => ({ apiVersion, kind, name });

  before(async () => {
    cluster = await startTestCluster({
      nodeCount: 1 + faultyNodes.length,
      simulation: { workloads: [{ name: 'web', namespace: 'default', selector: { app: 'web' }, cores: 0.08 }] },
    });
    await cluster.apply(
      widgetDefinition,
      // One pod on each node.
      {
        apiVersion: 'apps/v1',
        kind: 'DaemonSet',
        metadata: { name: 'agent', namespace: 'default' },
        spec: { selector: { matchLabels: { app: 'agent' } }, template: podTemplate({ labels: { app: 'agent' } }) },
      },
      deployment({ name: 'web', nodeName: 'sim-0' }),
      deployment({ name: 'requestless', requests: null, nodeName: 'sim-0' }),
      deployment({ name: 'asleep', replicas: 0 }),
      deployment({ name: 'contested', nodeName: 'sim-0' }),
      horizontalPodAutoscaler({ name: 'web', behavior: stabilizedFor(5) }),
    );
    await cluster.apply(widget('selectorless', 1));
    await cluster.apply(
      horizontalPodAutoscaler({ name: 'requestless' }),
      horizontalPodAutoscaler({ name: 'nowhere' }),
      horizontalPodAutoscaler({ name: 'scaleless', target: target('DaemonSet', 'agent') }),
      horizontalPodAutoscaler({ name: 'unknown-kind', target: target('Gadget', 'any', 'example.com/v1') }),
      horizontalPodAutoscaler({ name: 'selectorless', target: target('Widget', 'selectorless', 'example.com/v1') }),
      horizontalPodAutoscaler({ name: 'asleep' }),
      horizontalPodAutoscaler({ name: 'rival-a', target: target('Deployment', 'contested') }),
      horizontalPodAutoscaler({ name: 'rival-b', target: target('Deployment', 'contested') }),
    );
    headroom = await cluster.startHeadroom({ flags: ['--native-hpas=always'] });
    await eventually(async () => (await metrics('nodes')).items.length === 1 + faultyNodes.length);
    await eventually(async () => (await metrics('pods')).items.length >= 1 + faultyNodes.length);
  });

  after(async () => {
    await headroom?.[Symbol.asyncDispose]();
    await cluster?.stop();
  });

  const metrics = (resource: 'nodes' | 'pods'): Promise<MetricsList> =>
    cluster.read<MetricsList>(`/apis/metrics.k8s.io/v1beta1/${resource}`);

  describe('of users', () => {
    for (const { name, what, condition, events } of mistakes) {
      it(`an HPA ${what} says so in a condition and in events`, async () => {
        const pods = await cluster.read<MetricsList>(`/api/v1/namespaces/default/pods?labelSelector=app%3D${name}`);
        const pod = pods.items[0]?.metadata.name ?? '';
        const expected = { ...condition, message: condition.message.replace('$pod', pod) };
        await eventually(async () => {
          const hpa = await cluster.read<Hpa>(
            `/apis/autoscaling/v2/namespaces/default/horizontalpodautoscalers/${name}`,
          );
          const found = hpa.status.conditions?.find(({ type }) => type === condition.type);
          expect(found).to.deep.include(expected);
          return true;
        });
        await eventually(async () => {
          const written = (await eventsOf(name)).map((event) => `${event.type} ${event.reason} ${event.message}`);
          expect(written).to.have.members(events.map((event) => event.replace('$pod', pod)));
          return true;
        });
      });
    }

    it('is told once in the log for each HPA, however often it is met', async () => {
      const troubled = ['requestless', 'nowhere', 'scaleless', 'unknown-kind', 'selectorless'];
      for (const name of troubled) {
        const subject = `HorizontalPodAutoscaler default/${name}`;
        await headroom.waitFor((line) => line['autoscaler'] === subject && line.level === 'warn');
        await eventually(async () => (await eventsOf(name)).every(({ count }) => count > 1));
        const lines = headroom.logged((line) => line['autoscaler'] === subject && line.level === 'warn');
        expect(lines.map(({ message }) => message)).to.deep.equal(['autoscaler has a problem']);
      }
    });

    interface Event {
      readonly type: string;
      readonly reason: string;
      readonly message: string;
      readonly count: number;
      readonly reportingComponent: string;
    }

    async function eventsOf(name: string): Promise<readonly Event[]> {
      const path = `/api/v1/namespaces/default/events?fieldSelector=involvedObject.name%3D${name}`;
      const { items } = await cluster.read<{ items: readonly Event[] }>(path);
      return items.filter(({ reportingComponent }) => reportingComponent === 'horizontal-pod-autoscaler');
    }
  });

  describe('of kubelets', () => {
    let rssBeforeBytes: number;
    let highestRssBytes = 0;
    let lastGoodMs: ReadonlyMap<string, number>;
    let watch: NodeJS.Timeout;

    before(async () => {
      rssBeforeBytes = headroom.rssBytes();
      watch = setInterval(() => {
        highestRssBytes = Math.max(highestRssBytes, headroom.rssBytes());
      }, 50);
      await Promise.all(Object.entries(faults).map(([node, { fault }]) => cluster.simulation.setFault(node, fault)));
      const { items } = await metrics('nodes');
      lastGoodMs = new Map(items.map(({ metadata, timestamp }) => [metadata.name, Date.parse(timestamp)]));
      cluster.simulation.setDemand('web', { cores: 0.49 });
    });

    after(() => clearInterval(watch));

    it('is told for each node, with the reason', async () => {
      for (const [node, { reason, detail }] of Object.entries(faults)) {
        const line = await headroom.waitFor((each) => each['node'] === node && each.level === 'warn');
        expect(line, node).to.include({ message: 'node cannot be scraped', reason });
        expect(line['detail'], node).to.match(detail);
      }
    });

    it('leaves the other nodes fresh and the HPAs of their pods at work', async () => {
      await cluster.kubectl('wait', 'deployment/web', '--for=jsonpath={.spec.replicas}=5', '--timeout=60s');
      const fresh = (await metrics('nodes')).items.find(({ metadata }) => metadata.name === 'sim-0');
      expect(Date.now() - Date.parse(fresh?.timestamp ?? '')).to.be.below(18_000);
      expect(headroom.logged((line) => line['node'] === 'sim-0' && line.level === 'warn')).to.deep.equal([]);
    });

    it('is told once, however often the node is tried', async () => {
      for (const node of faultyNodes) {
        await headroom.waitFor(
          (line) => line['node'] === node && line.message === 'node still cannot be scraped',
          60_000,
        );
        const warned = headroom.logged((line) => line['node'] === node && line.level === 'warn');
        expect(warned, node).to.have.length(1);
      }
    });

    it('leaves the last usage of a failing node with its true timestamp: never zero, never younger', async () => {
      const { items } = await metrics('nodes');
      for (const node of faultyNodes) {
        const item = items.find(({ metadata }) => metadata.name === node);
        expect(Date.parse(item?.timestamp ?? ''), node).to.equal(lastGoodMs.get(node));
        expect(item?.usage?.cpu, node).to.not.be.oneOf([undefined, '0']);
      }
    });

    it('costs a bounded amount of memory', () => {
      const addedMebibytes = (highestRssBytes - rssBeforeBytes) / mebibyte;
      expect(addedMebibytes).to.be.below(150);
    });

    it('is over when the kubelet is well again, which is told once', async () => {
      await cluster.simulation.setFault('*', undefined);
      for (const node of faultyNodes) {
        await headroom.waitFor((line) => line['node'] === node && line.message === 'node is scraped again', 60_000);
      }
      await eventually(async () => {
        const { items } = await metrics('nodes');
        return items.every(({ timestamp }) => Date.now() - Date.parse(timestamp) < 13_000);
      });
      for (const node of faultyNodes) {
        const told = headroom.logged((line) => line['node'] === node && line.message === 'node is scraped again');
        expect(told, node).to.have.length(1);
      }
    });
  });
});
