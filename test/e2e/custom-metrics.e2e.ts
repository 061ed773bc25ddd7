// E2e: Pods, Object and External metrics from a real provider. Each autoscaler exists as an HPA that kube-controller-manager scales and as an HPA that
// Headroom scales on a control plane of its own, many there also as a HeadroomAutoscaler. All must come to the same, word for word.
import { expect } from 'chai';
import { allMetricsApis } from '../cluster/custom-metrics-adapter.ts';
import { reservePorts } from '../cluster/ports.ts';
import { clusterTools, eventually } from '../support/cluster-fixture.ts';
import {
  failingCases,
  hangingCases,
  lateCases,
  type MetricCase,
  nonsenseCases,
  servedCases,
} from './custom-metrics/cases.ts';
import { createAutoscalers, prepare, type Side, startSide } from './custom-metrics/side.ts';
import { type AutoscalerState, takeSnapshot } from './custom-metrics/snapshot.ts';

const namespace = 'metric-shop';
/** Of the HeadroomAutoscalers. */
const ownNamespace = 'metric-twin';
const nativeCases = [...servedCases, ...failingCases, ...nonsenseCases, ...lateCases, ...hangingCases];
const ownCases = [...servedCases, ...lateCases];
/** One of each kind, whose metrics are there when the adapter is. */
const witnesses = ['pods-up', 'object-average', 'external-value'];
/** The API server lets a request go on for a minute, and controllers may be in the middle of one. */
const settleMs = 120_000;

type Snapshot = ReadonlyMap<string, AutoscalerState>;

describe('Pods, Object and External metrics from a real adapter', function () {
  this.timeout(300_000);
  let reference: Side;
  let headroom: Side;
  let undo: AsyncDisposableStack | undefined;

  before(async () => {
    undo = new AsyncDisposableStack();
    [reference, headroom] = await Promise.all([startSide('reference'), startSide('headroom')]);
    undo.use(reference);
    undo.use(headroom);
    await Promise.all([
      prepare(reference, namespace, nativeCases),
      prepare(headroom, namespace, nativeCases),
      prepare(headroom, ownNamespace, ownCases),
    ]);
    await Promise.all([
      createAutoscalers(reference, 'HorizontalPodAutoscaler', namespace, nativeCases),
      createAutoscalers(headroom, 'HorizontalPodAutoscaler', namespace, nativeCases),
      createAutoscalers(headroom, 'HeadroomAutoscaler', ownNamespace, ownCases),
    ]);
  });

  after(() => undo?.disposeAsync());

  const theirs = (): Promise<Snapshot> => takeSnapshot(reference, 'HorizontalPodAutoscaler', namespace);
  const ours = (): Promise<Snapshot> => takeSnapshot(headroom, 'HorizontalPodAutoscaler', namespace);
  const ownKind = (): Promise<Snapshot> => takeSnapshot(headroom, 'HeadroomAutoscaler', ownNamespace);

  /** The state of an autoscaler of the real controller, as soon as it is what is expected; an error shows what it is instead. */
  async function settledState(name: string, isExpected: (state: AutoscalerState) => boolean): Promise<AutoscalerState> {
    let latest: AutoscalerState | undefined;
    const attempt = async (): Promise<AutoscalerState | false> => {
      latest = (await theirs()).get(name);
      return latest !== undefined && isExpected(latest) && latest;
    };
    return eventually(attempt, settleMs).catch((error: unknown) => {
      throw new Error(`kube-controller-manager: ${JSON.stringify(latest, undefined, 2)}`, { cause: error });
    });
  }

  /** Waits until our autoscaler of that name is in that state; the error is the last difference. */
  async function becomes(take: () => Promise<Snapshot>, name: string, expected: object): Promise<void> {
    const compare = async (): Promise<true> => {
      expect((await take()).get(name)).to.deep.include(expected);
      return true;
    };
    await eventually(compare, settleMs).catch(compare);
  }

  const check = (one: MetricCase): void => {
    const { name, expected } = one;
    it(`${name}: ${expected.reason}, ${expected.replicas} replicas`, async () => {
      const settled = await settledState(name, (state) => isAsExpected(state, expected));
      await becomes(ours, name, settled);
      if (ownCases.includes(one)) await becomes(ownKind, name, settled);
    });
  };

  describe('that it serves decide as they do upstream', () => {
    servedCases.forEach(check);
  });

  describe('that fail leave the words that they leave upstream', () => {
    failingCases.forEach(check);
  });

  describe('that are nonsense fail as they do upstream, in other words (K41)', () => {
    for (const { name, expected } of nonsenseCases) {
      it(name, async () => {
        const { replicas, currentMetrics } = await settledState(name, (state) => isAsExpected(state, expected));
        await becomes(ours, name, { replicas, currentMetrics });
        expect(activeOf((await ours()).get(name))).to.contain(` False ${expected.reason}: `);
      });
    }
  });

  describe('that take their time', () => {
    lateCases.forEach(check);

    for (const { name, expected } of hangingCases) {
      it(`${name}: ${expected.reason}, once the API server gives up`, async () => {
        // By chance upstream's HTTP/2 stream is cut before the answer is through; then it says so (K44).
        const gaveUp = (state: AutoscalerState | undefined): boolean =>
          /: (stream error: |the server was unable to return a response in the time allotted)/.test(
            activeOf(state) ?? '',
          );
        const settled = await settledState(name, (state) => isAsExpected(state, expected) && gaveUp(state));
        await eventually(async () => gaveUp((await ours()).get(name)), settleMs);
        if (activeOf(settled)?.includes(': stream error: ') !== true) await becomes(ours, name, settled);
      });
    }
  });

  describe('are asked for as upstream asks', () => {
    it('in the same words', async () => {
      const asked = ({ front }: Side, user: string): readonly string[] => {
        const requests = front.requests.filter((request) => request.user === user);
        return [...new Set(requests.map(({ url }) => parametersOf(url)))].toSorted();
      };
      const upstream = asked(reference, 'system:serviceaccount:kube-system:horizontal-pod-autoscaler');
      const own = asked(headroom, 'system:serviceaccount:headroom-system:headroom');
      expect(own.filter((url) => url.includes(`/${namespace}/`))).to.deep.equal(upstream);
    });
  });

  describe('of an adapter that comes and goes', () => {
    /** Both sides' conditions of the witnesses become the same, and what ScalingActive says matches. */
    async function agree(active: Readonly<Record<string, RegExp>>): Promise<void> {
      for (const [name, pattern] of Object.entries(active)) {
        const { conditions } = await settledState(name, (state) => pattern.test(activeOf(state) ?? ''));
        await becomes(ours, name, { conditions });
        await becomes(ownKind, name, { conditions });
      }
    }
    const works = Object.fromEntries(witnesses.map((name) => [name, / True ValidMetricFound: /]));
    const onBoth = (work: (side: Side) => Promise<unknown>): Promise<unknown> =>
      Promise.all([reference, headroom].map(work));

    /** What was discovered before is believed for a sync period. */
    const askInV1beta1 = ({ front }: Side): Promise<true> =>
      eventually(() => {
        const latest = front.requests.filter(({ url }) => url.startsWith('/apis/custom.')).slice(-10);
        return latest.every(({ url }) => url.startsWith('/apis/custom.metrics.k8s.io/v1beta1/'));
      }, settleMs);

    it('fail when nothing answers any more, and work when it does', async () => {
      await onBoth(({ front }) => front.close());
      await agree({
        'pods-up': /no known available metric versions found$/,
        'object-average': /no known available metric versions found$/,
        'external-value': /unable to handle the request \(get external-value\.external\.metrics\.k8s\.io\)$/,
      });
      await onBoth(({ front }) => front.open());
      await agree(works);
    });

    it('are read in v1beta1 when nothing else is registered', async () => {
      await onBoth(({ adapter }) => adapter.register(['custom.metrics.k8s.io/v1beta1']));
      await agree({ 'external-value': /the server could not find the requested resource/ });
      await onBoth(askInV1beta1);
      const { 'external-value': _gone, ...custom } = works;
      await agree(custom);
    });

    it('fail when nothing is registered', async () => {
      await onBoth(({ adapter }) => adapter.register([]));
      await agree({
        'pods-up': /no custom metrics API \(custom\.metrics\.k8s\.io\) registered$/,
        'object-average': /no custom metrics API \(custom\.metrics\.k8s\.io\) registered$/,
        'external-value': /the server could not find the requested resource/,
      });
    });

    it('are read in v1beta1 while only the server of v1beta2 is away', async () => {
      await onBoth(({ adapter }) => adapter.register(allMetricsApis));
      await agree(works);
      const { ports, release } = await reservePorts(1);
      const patch = JSON.stringify({ spec: { service: { port: ports[0] } } });
      await onBoth(({ controlPlane }) =>
        clusterTools(controlPlane).kubectl('patch', 'apiservice', 'v1beta2.custom.metrics.k8s.io', '-p', patch),
      );
      await onBoth(({ front }) =>
        eventually(() => front.requests.at(-1)?.url.includes('/v1beta1/') === true, settleMs),
      );
      await agree(works);
      await release();
    });
  });
});

function activeOf(state: AutoscalerState | undefined): string | undefined {
  return state?.conditions.find((condition) => condition.startsWith('ScalingActive'));
}

/** What failed from the beginning never had a desired number. */
function isAsExpected(state: AutoscalerState, { replicas, reason }: MetricCase['expected']): boolean {
  if (activeOf(state)?.includes(` ${reason}: `) !== true || state.replicas !== replicas) return false;
  const isScaled = state.conditions.some((condition) => condition.includes(' SucceededRescale: '));
  return !isScaled && state.desiredReplicas === (reason === 'ValidMetricFound' ? replicas : 0);
}

/** The path without the version, which changes when the server of one is taken for away, and the parameters without their encoding, in order. */
function parametersOf(url: string): string {
  const { pathname, searchParams } = new URL(url, 'https://front');
  const path = decodeURIComponent(pathname).replace(/\/v1beta[12]\//, '/…/');
  return [path, ...[...searchParams].map((pair) => pair.join('=')).toSorted()].join(' ');
}
