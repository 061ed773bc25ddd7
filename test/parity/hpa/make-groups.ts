// Pure: the groups of a run: ordinary ones, and one after the other every odd target.
import { Dice } from './dice.ts';
import { makePods } from './make-pods.ts';
import { makeBehavior, makeBounds, makeMetrics } from './make-specs.ts';
import type { Group, HpaModel, Json, PodModel, TargetKind, TargetModel } from './model.ts';

export const nodeCount = 4;
const groupsPerNamespace = 40;

type Oddity =
  | 'ordinary'
  | 'no pods'
  | 'zero replicas'
  | 'above max'
  | 'below min'
  | 'missing target'
  | 'unknown kind'
  | 'kind without scale'
  | 'odd apiVersion'
  | 'no selector'
  | 'unreadable selector'
  | 'rivals';

const oddityWeights: Readonly<Record<Oddity, number>> = {
  ordinary: 74,
  'no pods': 3,
  'zero replicas': 4,
  'above max': 3,
  'below min': 3,
  'missing target': 2,
  'unknown kind': 2,
  'kind without scale': 1,
  'odd apiVersion': 1,
  'no selector': 1,
  'unreadable selector': 2,
  rivals: 5,
};

/** Groups with that many HPAs in total. */
export function makeGroups(seed: number, hpaCount: number): readonly Group[] {
  const groups: Group[] = [];
  for (let hpas = 0, index = 0; hpas < hpaCount; index++) {
    const group = makeGroup(new Dice(seed, `group ${index}`), index);
    groups.push(group);
    hpas += group.hpas.length;
  }
  return groups;
}

function makeGroup(dice: Dice, index: number): Group {
  const name = `g${String(index).padStart(3, '0')}`;
  const oddity = dice.weighted(oddityWeights);
  const labels = { app: name };
  const pods = oddity === 'no pods' ? [] : makePods(dice, name, labels);
  const spec = makeSpec(dice);
  const target = makeTarget(dice, oddity, { name, selector: labels, pods, bounds: spec.bounds });
  const hpa: HpaModel = {
    name,
    kind: oddity === 'ordinary' ? spec.kind : oddity,
    spec: { ...spec.json, scaleTargetRef: referenceTo(dice, oddity, target) },
    life: 'there',
  };
  return {
    namespace: `parity-${Math.floor(index / groupsPerNamespace)}`,
    name,
    node: index % nodeCount,
    pods,
    awaitsSample: pods.some(({ state }) => state === 'new'),
    ...withRival(dice, oddity, target, hpa),
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
  const common = { name, selector, expressions: dice.chance(20) ? [dice.pick(...expressions)] : [] };
  const replicas = Math.min(maxReplicas, Math.max(minReplicas, pods.length));
  const plain = { ...common, kind: makeKind(dice), selectorText: dice.pick(...selectorTexts).replaceAll('$', name) };
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
  return special[oddity] ?? { ...plain, replicas: dice.chance(70) ? replicas : dice.int(minReplicas, maxReplicas) };
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

function makeSpec(dice: Dice): {
  readonly json: Json;
  readonly bounds: ReturnType<typeof makeBounds>;
  readonly kind: string;
} {
  const bounds = makeBounds(dice);
  const { metrics, kind } = makeMetrics(dice);
  const { behavior, kind: behaviorKind } = makeBehavior(dice);
  const json = { ...bounds, metrics, ...(behavior === undefined ? {} : { behavior }) };
  return { json, bounds, kind: `${kind}, ${behaviorKind}` };
}

/** A second HPA whose pods are some or all of the first one's. It comes a step later: who is looked at first is chance. */
function withRival(
  dice: Dice,
  oddity: Oddity,
  target: TargetModel,
  hpa: HpaModel,
): { readonly targets: readonly TargetModel[]; readonly hpas: readonly HpaModel[] } {
  if (oddity !== 'rivals') return { targets: [target], hpas: [hpa] };
  const name = `${target.name}-rival`;
  const selector = dice.chance(60) ? target.selector : { ...target.selector, tier: 'a' };
  const rival: TargetModel = { kind: 'Deployment', name, replicas: 2, selector, expressions: [] };
  const spec = { ...makeSpec(dice).json, scaleTargetRef: { apiVersion: 'apps/v1', kind: 'Deployment', name } };
  return { targets: [target, rival], hpas: [hpa, { name, kind: 'rivals', spec, life: 'to come' }] };
}
