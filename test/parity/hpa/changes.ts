// State: what happens to the groups step by step. Each call changes the model and says what to write.
import type { Dice } from './dice.ts';
import { apiVersions } from './make-groups.ts';
import { makeLatePod, makeUsage } from './make-pods.ts';
import { makeBehavior, makeBounds, makeMetrics } from './make-specs.ts';
import { makeValue } from './make-values.ts';
import { type ApiWrite, type Change, type Group, type HpaModel, type Json, type PodModel, podStates } from './model.ts';
import type { Pace } from './pace.ts';
import {
  createHpa,
  createPod,
  createTarget,
  deleteHpa,
  deletePod,
  deleteTarget,
  podStatusWrite,
  relabelPod,
  replaceHpa,
  scaleByHand,
} from './writes.ts';

export interface StepInput {
  readonly group: Group;
  readonly step: number;
  readonly nowMs: number;
  readonly pace: Pace;
}

interface Input extends StepInput {
  readonly dice: Dice;
}

/** Changes the model and says what to write, `{}` when only usage changes; undefined when this cannot happen to the group. */
type Happening = (input: Input) => Omit<Change, 'what'> | undefined;

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
    return {};
  },
  'value of a metric': ({ dice, group }) => {
    const hpa = someHpa(dice, group);
    const value = dice.of(hpa?.values ?? []);
    if (hpa === undefined || value === undefined) return undefined;
    const changed = { ...value, value: makeValue(dice) };
    hpa.values = hpa.values.map((each) => (each === value ? changed : each));
    return { values: [changed] };
  },
} satisfies Record<string, Happening>;

const podChanges = {
  'pod state': ({ dice, group, nowMs }) => {
    const [pod] = somePod(dice, group);
    if (pod === undefined || hasEnded(pod)) return undefined;
    pod.state =
      dice.of(podStates.filter((state) => state !== pod.state && state !== 'pending' && state !== 'bare')) ?? 'ready';
    group.awaitsSample = pod.state === 'new';
    return write(podStatusWrite(group, pod, nowMs));
  },
  'pod told to stop': ({ dice, group }) => {
    const [pod] = somePod(dice, group);
    if (pod === undefined || hasEnded(pod) || pod.terminating) return undefined;
    pod.terminating = true;
    return write(deletePod(group, pod));
  },
  'pod removed': ({ dice, group }) => {
    const [pod] = somePod(dice, group);
    if (pod === undefined) return undefined;
    pod.removed = true;
    return write(deletePod(group, pod, 0));
  },
  'pod leaves the selector': ({ dice, group }) => {
    const [pod] = somePod(dice, group);
    return pod && write(relabelPod(group, pod, { app: 'nobodys' }));
  },
  'pod made': ({ dice, group }) => {
    const pod = makeLatePod(dice, group.name, group.pods);
    if (pod === undefined) return undefined;
    group.pods.push(pod);
    group.awaitsSample = true;
    return write(createPod(group, pod));
  },
} satisfies Record<string, Happening>;

const hpaChanges = {
  metrics: ({ dice, group, step }) => {
    const hpa = someHpa(dice, group);
    if (hpa === undefined) return undefined;
    const { metrics, values } = makeMetrics(dice, group, `${hpa.name}-step-${step}`);
    hpa.values = values;
    return { ...editHpa(group, hpa, { metrics }), values };
  },
  bounds: ({ dice, group }) => editSome(dice, group, () => ({ minReplicas: undefined, ...makeBounds(dice) })),
  behavior: ({ dice, group, pace }) =>
    editSome(dice, group, ({ clock }) => ({ behavior: makeBehavior(dice, pace, clock).behavior })),
  target: ({ dice, group }) => editSome(dice, group, (hpa) => ({ scaleTargetRef: otherTarget(group, hpa) })),
  'HPA deleted': ({ dice, group }) => {
    const hpa = someHpa(dice, group);
    if (hpa === undefined) return undefined;
    hpa.life = 'deleted';
    return write(deleteHpa(group, hpa));
  },
  'replicas by hand': ({ dice, group }) => setReplicas(dice, group, dice.int(1, 9)),
  'replicas to zero by hand': ({ dice, group }) => setReplicas(dice, group, 0),
  'target deleted': ({ group }) => {
    // The selector of a target that is gone still counts against rivals for a while.
    const [target, ...others] = group.targets;
    if (!target?.exists || others.length > 0 || target.kind === 'Widget') return undefined;
    target.exists = false;
    return write(deleteTarget(group, target));
  },
} satisfies Record<string, Happening>;

const happenings = { ...usageChanges, ...podChanges, ...hpaChanges };

const weights: Readonly<Record<keyof typeof happenings | 'nothing', number>> = {
  nothing: 8,
  'usage up': 17,
  'usage down': 17,
  'usage anew': 6,
  'usage of one pod': 5,
  'pod reported or not': 4,
  'value of a metric': 12,
  'pod state': 9,
  'pod told to stop': 2,
  'pod removed': 3,
  'pod leaves the selector': 2,
  'pod made': 3,
  metrics: 6,
  bounds: 6,
  behavior: 7,
  target: 2,
  'HPA deleted': 2,
  'replicas by hand': 4,
  'replicas to zero by hand': 2,
  'target deleted': 2,
};

/** Pods and their usage come to kube-controller-manager from two caches: for a moment it may see a change of a pod in one of them only. */
export function isSeenTwice(what: string): boolean {
  return Object.keys(podChanges).includes(what);
}

const specEdits: readonly string[] = ['metrics', 'bounds', 'behavior'] satisfies (keyof typeof hpaChanges)[];

/** An HPA of the group has other metrics, bounds or behavior from now on. */
export function isEditOfSpec(what: string): boolean {
  return specEdits.includes(what);
}

/** One thing that happens to the group. */
export function changeGroup(dice: Dice, input: StepInput): Change {
  const { group } = input;
  if (group.awaitsSample) {
    group.awaitsSample = false;
    return { what: 'a sample changes what a pod counts for' };
  }
  const returning = bringBack(dice, group);
  if (returning !== undefined) return returning;
  // Most groups have no values that could change; something else happens to them then.
  for (let attempt = 0; attempt < 3; attempt++) {
    const what = dice.weighted(weights);
    if (what === 'nothing') break;
    const change = happenings[what]({ ...input, dice });
    if (change !== undefined) return { what, ...change };
  }
  return { what: 'nothing' };
}

/** What is to come, or gone and coming again. */
function bringBack(dice: Dice, group: Group): Change | undefined {
  const comer = group.hpas.find(({ life }) => life === 'to come');
  if (comer !== undefined) {
    comer.life = 'there';
    return { what: 'a rival comes', write: createHpa(group, comer) };
  }
  const target = group.targets.find(({ exists }) => !exists);
  if (target !== undefined && dice.chance(60)) {
    target.exists = true;
    return { what: 'target made', write: createTarget(group, target) };
  }
  // A rival made anew while its target is at zero has no selector for the reference (K13).
  const gone = group.hpas.length === 1 ? group.hpas.find(({ life }) => life === 'deleted') : undefined;
  if (gone !== undefined && dice.chance(50)) {
    gone.life = 'there';
    return { what: 'HPA made anew', write: createHpa(group, gone) };
  }
  return undefined;
}

const write = (one: ApiWrite): Omit<Change, 'what'> => ({ write: one });
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

function multiplyUsage(group: Group, percent: number): Omit<Change, 'what'> {
  for (const { usage } of live(group)) {
    for (const one of usage.values()) {
      one.milliCores = Math.min(20_000, Math.floor((one.milliCores * percent) / 100)) + 0.5;
      one.bytes = Math.min(2 ** 40, Math.floor((one.bytes * percent) / 100));
    }
  }
  return {};
}

function renewUsage(dice: Dice, pods: readonly PodModel[]): Omit<Change, 'what'> {
  const level = dice.pick(20, 60, 110, 250, 500, 900);
  for (const { usage } of pods) for (const name of usage.keys()) usage.set(name, makeUsage(dice, level));
  return {};
}

type Fields = Readonly<Record<string, unknown>>;

function editSome(dice: Dice, group: Group, fields: (hpa: HpaModel) => Fields): Omit<Change, 'what'> | undefined {
  const hpa = someHpa(dice, group);
  return hpa && editHpa(group, hpa, fields(hpa));
}

/** A field that is undefined is removed. */
function editHpa(group: Group, hpa: HpaModel, fields: Fields): Omit<Change, 'what'> {
  const spec = Object.entries({ ...hpa.spec, ...fields });
  hpa.spec = Object.fromEntries(spec.filter(([, value]) => value !== undefined));
  return write(replaceHpa(group, hpa));
}

/** A target that does not exist, or the own one again. */
function otherTarget(group: Group, hpa: HpaModel): Json {
  const own = group.targets.find(({ name }) => name === hpa.name) ?? group.targets[0]!;
  const { name } = hpa.spec['scaleTargetRef'] as { readonly name: string };
  const reference = { apiVersion: apiVersions[own.kind], kind: own.kind, name: own.name };
  return name === own.name ? { ...reference, name: `${own.name}-absent` } : reference;
}

function setReplicas(dice: Dice, group: Group, replicas: number): Omit<Change, 'what'> | undefined {
  const target = dice.of(group.targets.filter(({ exists }) => exists));
  if (target === undefined) return undefined;
  // A short window brings back as much of what it remembers as there are syncs before it ends.
  const isTimed = group.hpas.some(({ clock }) => clock === 'short');
  if (isTimed && replicas > 0 && target.replicas > 0) return undefined;
  target.replicas = replicas;
  return write(scaleByHand(group, target));
}
