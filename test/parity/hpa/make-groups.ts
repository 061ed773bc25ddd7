// Pure: the groups of a run: ordinary ones, and one after the other every odd target.
import { Dice } from './dice.ts';
import { makePods } from './make-pods.ts';
import { type MadeMetrics, makeBehavior, makeBounds, makeMetrics } from './make-specs.ts';
import type { Group, HpaClock, HpaModel, Json, PodModel, TargetKind, TargetModel } from './model.ts';
import type { Pace } from './pace.ts';

export const nodeCount = 4;
const groupsPerNamespace = 40;
/** An admission policy refuses each change of a scale here. */
export const refusingNamespace = 'parity-refused';

type Oddity =
  | 'ordinary'
  | 'no pods'
  | 'zero replicas'
  | 'above max'
  | 'below min'
  | 'missing target'
  | 'late target'
  | 'refused scale'
  | 'unknown kind'
  | 'kind without scale'
  | 'odd apiVersion'
  | 'no selector'
  | 'unreadable selector'
  | 'rivals';

const oddityWeights: Readonly<Record<Oddity, number>> = {
  ordinary: 75,
  'no pods': 3,
  'zero replicas': 4,
  'above max': 3,
  'below min': 3,
  'missing target': 1,
  'late target': 2,
  'refused scale': 2,
  'unknown kind': 1,
  'kind without scale': 1,
  'odd apiVersion': 1,
  'no selector': 1,
  'unreadable selector': 1,
  rivals: 4,
};

/** Groups with that many HPAs in total. */
export function makeGroups(seed: number, hpaCount: number, pace: Pace): readonly Group[] {
  const groups: Group[] = [];
  for (let hpas = 0, index = 0; hpas < hpaCount; index++) {
    const group = makeGroup(new Dice(seed, `group ${index}`), index, pace);
    groups.push(group);
    hpas += group.hpas.length;
  }
  return groups;
}

function makeGroup(dice: Dice, index: number, pace: Pace): Group {
  const name = `g${String(index).padStart(3, '0')}`;
  const oddity = dice.weighted(oddityWeights);
  const namespace = oddity === 'refused scale' ? refusingNamespace : `parity-${Math.floor(index / groupsPerNamespace)}`;
  const labels = { app: name };
  const pods = oddity === 'no pods' ? [] : makePods(dice, name, labels);
  const place = { namespace, name, pods };
  const spec = makeSpec(dice, place, name, pace);
  const target = makeTarget(dice, oddity, { name, selector: labels, pods, bounds: spec.bounds });
  const hpa: HpaModel = {
    name,
    kind: oddity === 'ordinary' ? spec.kind : oddity,
    spec: { ...spec.json, scaleTargetRef: referenceTo(dice, oddity, target) },
    values: spec.values,
    clock: spec.clock,
    life: 'there',
  };
  const rival = oddity === 'rivals' ? makeRival(dice, place, target, pace) : { targets: [], hpas: [] };
  return {
    ...place,
    node: index % nodeCount,
    awaitsSample: pods.some(({ state }) => state === 'new'),
    targets: [target, ...rival.targets],
    hpas: [hpa, ...rival.hpas],
  };
}

interface TargetInput {
  readonly name: string;
  readonly selector: Readonly<Record<string, string>>;
  readonly pods: readonly PodModel[];
  readonly bounds: { readonly minReplicas?: number; readonly maxReplicas: number };
}

/** All match the pods of a group; `$` is its name. */
const selectorTexts = [
  'app=$',
  'app=$',
  'app in ($)',
  'tier notin (z,b), app==$',
  'app=$,!absent',
  'app=none,app=$',
] as const;
const unreadable = ['app in ($', 'app!=none', 'app=$,weight>1', 'app=$,weight<1', '-=$', 'app=$,'] as const;
const expressions: readonly [Json, ...Json[]] = [
  { key: 'tier', operator: 'NotIn', values: ['z', 'b'] },
  { key: 'app', operator: 'Exists' },
  { key: 'absent', operator: 'DoesNotExist' },
];

function makeTarget(dice: Dice, oddity: Oddity, { name, selector, pods, bounds }: TargetInput): TargetModel {
  const { minReplicas = 1, maxReplicas } = bounds;
  const exists = oddity !== 'late target';
  const common = { name, exists, selector, expressions: dice.chance(20) ? [dice.pick(...expressions)] : [] };
  const replicas = Math.min(maxReplicas, Math.max(minReplicas, pods.length));
  const most = Math.min(maxReplicas, minReplicas + 12);
  const selectorText = dice.pick(...selectorTexts).replaceAll('$', name);
  const plain = { ...common, kind: exists ? makeKind(dice) : 'Deployment', selectorText } as const;
  const special: Partial<Record<Oddity, TargetModel>> = {
    'zero replicas': { ...plain, replicas: 0 },
    'above max': { ...plain, replicas: maxReplicas + dice.int(1, 3) },
    'below min': { ...plain, replicas: Math.max(1, minReplicas - 1) },
    'no selector': { ...common, kind: 'Widget', replicas, selectorText: dice.pick('', ' ') },
    'unreadable selector': {
      ...common,
      kind: 'Widget',
      replicas,
      selectorText: dice.pick(...unreadable).replaceAll('$', name),
    },
  };
  return special[oddity] ?? { ...plain, replicas: dice.chance(70) ? replicas : dice.int(minReplicas, most) };
}

function makeKind(dice: Dice): TargetKind {
  return dice.weighted({ Deployment: 50, StatefulSet: 15, ReplicaSet: 15, ReplicationController: 10, Widget: 10 });
}

export const apiVersions: Readonly<Record<TargetKind, string>> = {
  Deployment: 'apps/v1',
  StatefulSet: 'apps/v1',
  ReplicaSet: 'apps/v1',
  ReplicationController: 'v1',
  Widget: 'example.com/v1',
};

function referenceTo(dice: Dice, oddity: Oddity, { kind, name }: TargetModel): Json {
  const reference = { apiVersion: apiVersions[kind], kind, name };
  const special: Partial<Record<Oddity, Json>> = {
    'missing target': { ...reference, name: `${name}-absent` },
    'unknown kind': { apiVersion: 'example.com/v1', kind: 'Gizmo', name },
    'kind without scale': { apiVersion: 'apps/v1', kind: 'DaemonSet', name },
    'odd apiVersion': { ...reference, apiVersion: dice.pick('apps/v1beta9', 'other.example.com/v1') },
  };
  return special[oddity] ?? reference;
}

interface MadeSpec {
  readonly json: Json;
  readonly bounds: ReturnType<typeof makeBounds>;
  readonly kind: string;
  readonly values: MadeMetrics['values'];
  readonly clock: HpaClock;
}

type Place = Pick<Group, 'namespace' | 'name' | 'pods'>;

function makeSpec(dice: Dice, place: Place, name: string, pace: Pace): MadeSpec {
  const bounds = makeBounds(dice);
  const { metrics, kind, values } = makeMetrics(dice, place, name);
  const clock = dice.chance(60) ? 'short' : 'none';
  const { behavior, kind: behaviorKind } = makeBehavior(dice, pace, clock);
  const json = {
    ...bounds,
    ...(metrics === undefined ? {} : { metrics }),
    ...(behavior === undefined ? {} : { behavior }),
  };
  return { json, bounds, kind: `${kind}, ${behaviorKind}`, values, clock };
}

/** A second HPA whose pods are some or all of the first one's. It comes a step later: who is looked at first is chance. */
function makeRival(
  dice: Dice,
  place: Place,
  { selector: whole }: TargetModel,
  pace: Pace,
): Pick<Group, 'targets' | 'hpas'> {
  const name = `${place.name}-rival`;
  const selector = dice.chance(60) ? whole : { ...whole, tier: 'a' };
  const target: TargetModel = { kind: 'Deployment', name, exists: true, replicas: 2, selector, expressions: [] };
  const { json, values, clock } = makeSpec(dice, place, name, pace);
  const spec = { ...json, scaleTargetRef: { apiVersion: 'apps/v1', kind: 'Deployment', name } };
  return { targets: [target], hpas: [{ name, kind: 'rivals', spec, values, clock, life: 'to come' }] };
}
