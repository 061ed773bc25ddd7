// State: what happens to the groups step by step. Each call changes the model and says what to write.
import type { Dice } from './dice.ts';
import { apiVersions } from './make-groups.ts';
import { makeUsage } from './make-pods.ts';
import { makeBehavior, makeBounds, makeMetrics } from './make-specs.ts';
import { type ApiWrite, type Change, type Group, type HpaModel, type Json, type PodModel, podStates } from './model.ts';
import { createHpa, deleteHpa, deletePod, podStatusWrite, relabelPod, replaceHpa, scaleByHand } from './writes.ts';

interface Input {
  readonly dice: Dice;
  readonly group: Group;
  readonly nowMs: number;
}

/** Changes the model and says what to write; undefined when this cannot happen to the group. */
type Happening = (input: Input) => ApiWrite | 'usage only' | undefined;

const usageChanges = {
  'usage up': ({ dice, group }) => multiplyUsage(group, dice.pick(108, 125, 200, 400)),
  'usage down': ({ dice, group }) => multiplyUsage(group, dice.pick(92, 80, 50, 20)),
  'usage anew': ({ dice, group }) => renewUsage(dice, live(group)),
  'usage of one pod': ({ dice, group }) => renewUsage(dice, somePod(dice, group)),
  'pod reported or not': ({ dice, group }) => {
    const [pod] = somePod(dice, group);
    if (pod === undefined) return undefined;
    pod.reported = !pod.reported;
    // Of one sample there is no usage yet.
    group.awaitsSample = pod.reported;
    return 'usage only';
  },
} satisfies Record<string, Happening>;

const podChanges = {
  'pod state': ({ dice, group, nowMs }) => {
    const [pod] = somePod(dice, group);
    if (pod === undefined || hasEnded(pod)) return undefined;
    pod.state = dice.of(podStates.filter((state) => state !== pod.state && state !== 'pending')) ?? 'ready';
    group.awaitsSample = pod.state === 'new';
    return podStatusWrite(group, pod, nowMs);
  },
  'pod told to stop': ({ dice, group }) => {
    const [pod] = somePod(dice, group);
    if (pod === undefined || hasEnded(pod) || pod.terminating) return undefined;
    pod.terminating = true;
    return deletePod(group, pod);
  },
  'pod removed': ({ dice, group }) => {
    const [pod] = somePod(dice, group);
    if (pod === undefined) return undefined;
    pod.removed = true;
    return deletePod(group, pod, 0);
  },
  'pod leaves the selector': ({ dice, group }) => {
    const [pod] = somePod(dice, group);
    return pod && relabelPod(group, pod, { app: 'nobodys' });
  },
} satisfies Record<string, Happening>;

const hpaChanges = {
  metrics: ({ dice, group }) => editHpa(dice, group, () => ({ metrics: makeMetrics(dice).metrics })),
  bounds: ({ dice, group }) => editHpa(dice, group, () => ({ minReplicas: undefined, ...makeBounds(dice) })),
  behavior: ({ dice, group }) => editHpa(dice, group, () => ({ behavior: makeBehavior(dice).behavior })),
  target: ({ dice, group }) => editHpa(dice, group, (hpa) => ({ scaleTargetRef: otherTarget(group, hpa) })),
  'HPA deleted': ({ dice, group }) => {
    const hpa = someHpa(dice, group);
    if (hpa === undefined) return undefined;
    hpa.life = 'deleted';
    return deleteHpa(group, hpa);
  },
  'replicas by hand': ({ dice, group }) => setReplicas(dice, group, dice.int(1, 9)),
  'replicas to zero by hand': ({ dice, group }) => setReplicas(dice, group, 0),
} satisfies Record<string, Happening>;

const happenings = { ...usageChanges, ...podChanges, ...hpaChanges };

const weights: Readonly<Record<keyof typeof happenings | 'nothing', number>> = {
  nothing: 8,
  'usage up': 17,
  'usage down': 17,
  'usage anew': 6,
  'usage of one pod': 5,
  'pod reported or not': 4,
  'pod state': 9,
  'pod told to stop': 2,
  'pod removed': 3,
  'pod leaves the selector': 2,
  metrics: 6,
  bounds: 6,
  behavior: 7,
  target: 2,
  'HPA deleted': 1,
  'replicas by hand': 4,
  'replicas to zero by hand': 1,
};

/** One thing that happens to the group. */
export function changeGroup(dice: Dice, group: Group, nowMs: number): Change {
  if (group.awaitsSample) {
    group.awaitsSample = false;
    return { what: 'a sample changes what a pod counts for' };
  }
  const comer = group.hpas.find(({ life }) => life === 'to come');
  if (comer !== undefined) {
    comer.life = 'there';
    return { what: 'a rival comes', write: createHpa(group, comer) };
  }
  const what = dice.weighted(weights);
  const write = what === 'nothing' ? undefined : happenings[what]({ dice, group, nowMs });
  if (write === undefined) return { what: 'nothing' };
  return write === 'usage only' ? { what } : { what, write };
}

const live = ({ pods }: Group): readonly PodModel[] => pods.filter(({ removed }) => !removed);
const hasEnded = ({ state }: PodModel): boolean => state === 'failed' || state === 'succeeded';

/** One of the pods that are there, or none. */
function somePod(dice: Dice, group: Group): readonly PodModel[] {
  const pod = dice.of(live(group));
  return pod === undefined ? [] : [pod];
}

function someHpa(dice: Dice, group: Group): HpaModel | undefined {
  return dice.of(group.hpas.filter(({ life }) => life === 'there'));
}

function multiplyUsage(group: Group, percent: number): 'usage only' {
  for (const { usage } of live(group)) {
    for (const one of usage.values()) {
      one.milliCores = Math.min(20_000, Math.floor((one.milliCores * percent) / 100)) + 0.5;
      one.bytes = Math.min(2 ** 40, Math.floor((one.bytes * percent) / 100));
    }
  }
  return 'usage only';
}

function renewUsage(dice: Dice, pods: readonly PodModel[]): 'usage only' {
  const level = dice.pick(20, 60, 110, 250, 500, 900);
  for (const { usage } of pods) for (const name of usage.keys()) usage.set(name, makeUsage(dice, level));
  return 'usage only';
}

function editHpa(
  dice: Dice,
  group: Group,
  fields: (hpa: HpaModel) => Readonly<Record<string, unknown>>,
): ApiWrite | undefined {
  const hpa = someHpa(dice, group);
  if (hpa === undefined) return undefined;
  const spec = Object.entries({ ...hpa.spec, ...fields(hpa) });
  hpa.spec = Object.fromEntries(spec.filter(([, value]) => value !== undefined));
  return replaceHpa(group, hpa);
}

/** A target that does not exist, or the own one again. */
function otherTarget(group: Group, hpa: HpaModel): Json {
  const own = group.targets.find(({ name }) => name === hpa.name) ?? group.targets[0]!;
  const { name } = hpa.spec['scaleTargetRef'] as { readonly name: string };
  const reference = { apiVersion: apiVersions[own.kind], kind: own.kind, name: own.name };
  return name === own.name ? { ...reference, name: `${own.name}-absent` } : reference;
}

function setReplicas(dice: Dice, group: Group, replicas: number): ApiWrite | undefined {
  const target = dice.of(group.targets);
  if (target === undefined) return undefined;
  target.replicas = replicas;
  return scaleByHand(group, target);
}
