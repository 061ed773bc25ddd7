// E2e: the same autoscalers under kube-controller-manager and under Headroom, each on a real control plane of its own: what the API server's own
// words make of conditions and events is the same, word for word. The cases: test/support/reason-cases.ts.
import { expect } from 'chai';
import { type ClusterTools, eventually } from '../support/cluster-fixture.ts';
import { startHeadroom } from '../support/headroom-process.ts';
import { type ReasonCase, reasonCases } from '../support/reason-cases.ts';
import { tinyRequests } from '../support/reason-objects.ts';
import { type Side, startReasonSides, syncFlags } from '../support/reason-sides.ts';
import { headroomAutoscaler } from '../support/workload-builders.ts';

describe('conditions and events on a real control plane', function () {
  this.timeout(180_000);

  let undo: AsyncDisposableStack;
  let theirs: Side;
  let ours: Side;

  before(async function () {
    this.timeout(900_000);
    undo = new AsyncDisposableStack();
    [theirs, ours] = await startReasonSides(undo);
    undo.use(await startHeadroom(ours.controlPlane, { flags: [...syncFlags, '--native-hpas=always'] }));
  });

  after(() => undo.disposeAsync());

  for (const one of reasonCases) {
    it(`are the same for ${one.title}`, async () => {
      await eventually(async () => {
        const [upstream, headroom] = await Promise.all([snapshotOf(theirs, one), snapshotOf(ours, one)]);
        expect(
          missing(upstream, one),
          `kube-controller-manager has to say; it says ${JSON.stringify(upstream)}`,
        ).to.deep.equal([]);
        expect(headroom).to.deep.equal(upstream);
        return true;
      });
    });
  }

  it('K13: the selector of a target at zero is known from the first look on, also to its rival', async () => {
    const awake = (side: Side): Promise<string> =>
      eventually(async () =>
        (await snapshotOf(side, { name: 'awake' })).conditions.find((text) => text.startsWith('ScalingActive')),
      );
    expect(await awake(theirs)).to.match(/^ScalingActive False FailedGetExternalMetric: /);
    await eventually(async () => (await awake(ours)).startsWith('ScalingActive False AmbiguousSelector: '));
  });

  it('K20: the API server has rounded requests up to milli-units before anybody adds them', async () => {
    await ours.tools.apply(...tinyRequests);
    const { spec } = await ours.tools.read<{ spec: unknown }>('/api/v1/namespaces/default/pods/tiny');
    expect(spec).to.deep.include({ overhead: { cpu: '1m' }, resources: { requests: { cpu: '11m' } } });
    expect(spec).to.have.nested.property('containers[0].resources.requests.cpu', '1m');
  });

  it('K36: kubectl knows how to make and describe HorizontalPodAutoscalers, and one version of HeadroomAutoscalers', async () => {
    const kubectl = (...args: readonly string[]): Promise<string> => ours.tools.kubectl(...args);
    const versions = (await kubectl('api-versions')).split('\n');
    expect(versions.filter((version) => version.startsWith('autoscaling'))).to.have.members([
      'autoscaling/v1',
      'autoscaling/v2',
      'autoscaling.headroom.dev/v1alpha1',
    ]);
    expect(await kubectl('autoscale', 'deployment', 'above', '--name=made', '--max=5')).to.contain(
      'horizontalpodautoscaler.autoscaling/made autoscaled',
    );
    await ours.tools.apply(
      headroomAutoscaler({ name: 'manifest', target: { apiVersion: 'apps/v1', kind: 'Deployment', name: 'none' } }),
    );
    const [hpa, hra] = await Promise.all([kubectl('describe', 'hpa', 'made'), kubectl('describe', 'hra', 'manifest')]);
    expect(hpa).to.match(/^Metrics: +\( current \/ target \)$/m);
    expect(hra).not.to.contain('( current / target )');
    expect(hra).to.match(/^Kind: +HeadroomAutoscaler$/m);
  });

  it('an event has the same fields', async () => {
    const [upstream, headroom] = await Promise.all([eventOf(theirs, 'missing'), eventOf(ours, 'missing')]);
    expect(upstream.metadata.name).to.match(/^missing\.[0-9a-f]{16}$/);
    expect(headroom.metadata.name).to.match(/^missing\.[0-9a-f]{16}$/);
    expect(withoutChance(headroom)).to.deep.equal(withoutChance(upstream));
  });

  it('an event that repeats is counted on the one that is there, by both', async () => {
    for (const side of [theirs, ours]) {
      const counted = await eventually(async () => {
        const events = await eventsOf(side.tools, 'daemon');
        return events.every(({ count }) => count > 2) && events.length > 0 && events;
      });
      expect(counted.map(({ reason }) => reason)).to.deep.equal(['FailedGetScale']);
    }
  });

  it('K26: managedFields name who wrote, and are the same otherwise', async () => {
    const path = '/apis/apps/v1/namespaces/default/deployments/below';
    for (const place of [`${hpaPath}/below`, path]) {
      const [upstream = [], headroom = []] = await Promise.all([theirs, ours].map((side) => writersOf(side, place)));
      expect(upstream.map(({ manager }) => manager)).to.include('kube-controller-manager');
      const renamed = upstream.map((one) => ({
        ...one,
        manager: one.manager.replace('kube-controller-manager', 'headroom'),
      }));
      expect(headroom).to.have.deep.members(renamed);
    }
  });
});

const hpaPath = '/apis/autoscaling/v2/namespaces/default/horizontalpodautoscalers';

interface Hpa {
  readonly metadata: { readonly uid: string };
  readonly status: { readonly conditions?: readonly Record<'type' | 'status' | 'reason' | 'message', string>[] };
}

interface ApiEvent {
  readonly metadata: { readonly name: string };
  readonly involvedObject: { readonly name: string };
  readonly type: string;
  readonly reason: string;
  readonly message: string;
  readonly count: number;
}

/** `AbleToScale False FailedGetScale: words` and `Warning FailedGetScale: words`. */
interface Snapshot {
  readonly conditions: readonly string[];
  readonly events: readonly string[];
}

async function snapshotOf({ tools }: Side, { name, chance }: Pick<ReasonCase, 'name' | 'chance'>): Promise<Snapshot> {
  const [{ status }, events] = await Promise.all([tools.read<Hpa>(`${hpaPath}/${name}`), eventsOf(tools, name)]);
  const conditions = (status.conditions ?? []).map((one) => `${one.type} ${one.status} ${one.reason}: ${one.message}`);
  const said = events
    .map(({ type, reason, message }) => `${type} ${reason}: ${message}`)
    .filter((text) => chance === undefined || !text.includes(chance));
  return { conditions: conditions.map(comparable), events: [...new Set(said.map(comparable))].toSorted() };
}

async function eventsOf(tools: ClusterTools, name: string): Promise<readonly ApiEvent[]> {
  const path = `/api/v1/namespaces/default/events?fieldSelector=involvedObject.name%3D${name}%2CinvolvedObject.kind%3DHorizontalPodAutoscaler`;
  return (await tools.read<{ items: readonly ApiEvent[] }>(path)).items;
}

/** Who asks is another user on each side, and rivals come in random order on one. */
function comparable(text: string): string {
  return text
    .replace(/User "[^"]+"/, 'User')
    .replace(/(?<=controlled by multiple HPAs: \[)[^\]]*/, (names) => names.split(' ').toSorted().join(' '));
}

function missing({ conditions, events }: Snapshot, { says }: ReasonCase): readonly string[] {
  const said = [...conditions, ...events];
  return says
    .filter(([what, words]) => !said.some((text) => text.startsWith(`${what}: `) && text.includes(words)))
    .map(([what, words]) => `${what}: ${words}`);
}

async function eventOf({ tools }: Side, name: string): Promise<ApiEvent> {
  return eventually(async () => (await eventsOf(tools, name))[0]);
}

/** What differs from object to object and from second to second. */
function withoutChance(event: ApiEvent): unknown {
  return JSON.parse(
    JSON.stringify(event, (key, value: unknown) =>
      [
        'uid',
        'resourceVersion',
        'creationTimestamp',
        'firstTimestamp',
        'lastTimestamp',
        'time',
        'count',
        'manager',
      ].includes(key) ||
      (key === 'name' && String(value).includes('.'))
        ? typeof value
        : value,
    ),
  );
}

interface Writer {
  readonly manager: string;
  readonly operation: string;
  readonly apiVersion: string;
  readonly subresource?: string;
}

/** Entries of managedFields that name a subresource: the others are ours, of this test. */
async function writersOf({ tools }: Side, path: string): Promise<readonly Writer[]> {
  const { metadata } = await tools.read<{ metadata: { managedFields: readonly Writer[] } }>(path);
  return metadata.managedFields
    .filter(({ subresource }) => subresource !== undefined)
    .map(({ manager, operation, apiVersion, subresource = '' }) => ({ manager, operation, apiVersion, subresource }));
}
