// Pure: pods of all shapes, states and usages.
import type { Dice } from './dice.ts';
import type { ContainerShape, PodModel, PodState, Usage } from './model.ts';

const stateWeights: Readonly<Record<PodState, number>> = {
  ready: 62,
  'never-ready': 5,
  'was-ready': 4,
  unknown: 2,
  'no-condition': 3,
  'no-start-time': 2,
  'young-ready': 4,
  'young-unready': 3,
  'young-ready-later': 3,
  new: 2,
  pending: 4,
  bare: 1,
  failed: 4,
  succeeded: 3,
};

type Shape = 'plain' | 'two' | 'sidecar' | 'no-cpu' | 'no-request' | 'zero' | 'side-without' | 'pod-level';

const shapeWeights: Readonly<Record<Shape, number>> = {
  plain: 67,
  two: 11,
  sidecar: 8,
  'no-cpu': 2,
  'no-request': 2,
  zero: 1,
  'side-without': 2,
  'pod-level': 7,
};

/** The pods of one group: mostly alike, as pods of one template are. */
export function makePods(dice: Dice, groupName: string, labels: Readonly<Record<string, string>>): PodModel[] {
  const template = makeTemplate(dice);
  const isQuiet = dice.chance(45);
  const level = dice.pick(20, 60, 110, 250, 500, 900);
  return Array.from({ length: dice.pick(1, 2, 2, 3, 3, 4, 5, 7) }, (_, index): PodModel => {
    const shape = dice.chance(94) ? template : makeTemplate(dice);
    const state = isQuiet ? 'ready' : dice.weighted(stateWeights);
    return {
      ...shape,
      name: `${groupName}-${index}`,
      labels: dice.chance(30) ? { ...labels, tier: 'a' } : labels,
      state,
      // One that has ended would be gone at once.
      terminating: !isQuiet && state !== 'failed' && state !== 'succeeded' && dice.chance(5),
      removed: false,
      reported: isQuiet || dice.chance(92),
      usage: makeUsages(dice, shape, { level, isQuiet }),
    };
  });
}

/** A pod that comes later, like the first one of the group; it has no status yet. */
export function makeLatePod(dice: Dice, groupName: string, pods: readonly PodModel[]): PodModel | undefined {
  const [like] = pods;
  if (like === undefined) return undefined;
  const usage = makeUsages(dice, like, { level: 110, isQuiet: true });
  const name = `${groupName}-${pods.length}`;
  return { ...like, name, state: 'bare', terminating: false, removed: false, reported: true, usage };
}

/** By container. Of a container that the kubelet does not report from the beginning, it never does. */
function makeUsages(
  dice: Dice,
  { containers }: Template,
  { level, isQuiet }: { readonly level: number; readonly isQuiet: boolean },
): Map<string, Usage> {
  const running = containers.filter(({ init }) => init !== 'once');
  const reported = running.filter((_container, index) => index === 0 || isQuiet || dice.chance(90));
  return new Map(reported.map(({ name }) => [name, makeUsage(dice, level)]));
}

/** Around a level in milli-cores; always half a milli-core more than a whole number. */
export function makeUsage(dice: Dice, level: number): Usage {
  const mebibytes = dice.int(8, 200);
  return {
    milliCores: Math.floor((level * dice.int(40, 160)) / 100) + 0.5,
    bytes: dice.chance(50) ? mebibytes * 2 ** 20 : mebibytes * 1_000_003,
  };
}

type Template = Pick<PodModel, 'containers' | 'requests' | 'overhead'>;

function makeTemplate(dice: Dice): Template {
  const cpu = `${dice.pick(100, 200, 250, 400, 1000)}m`;
  const memory = dice.pick('64Mi', '100M', '128Mi', '250Mi');
  const app: ContainerShape = { name: 'app', requests: { cpu, memory } };
  const side: ContainerShape = { name: 'side', requests: { cpu: '50m', memory: '32Mi' } };
  const containers = (...list: readonly ContainerShape[]): Template => ({ containers: list, overhead: false });
  switch (dice.weighted(shapeWeights)) {
    case 'plain':
      return containers(app);
    case 'two':
      return containers(app, side);
    case 'sidecar':
      return containers(app, { ...side, init: 'sidecar' }, { name: 'first', requests: { cpu: '3' }, init: 'once' });
    case 'no-cpu':
      return containers({ ...app, requests: { memory } });
    case 'no-request':
      return containers({ ...app, requests: {} });
    case 'zero':
      return containers({ ...app, requests: { cpu: '0', memory: '0' } });
    case 'side-without':
      return containers(app, { ...side, requests: {} });
    case 'pod-level':
      return {
        containers: [dice.chance(50) ? app : { ...app, requests: {} }, side],
        requests: dice.pick({ cpu: '1500m' }, { memory: '300Mi' }, { cpu: '1500m', memory: '300Mi' }),
        overhead: dice.chance(60),
      };
  }
}
