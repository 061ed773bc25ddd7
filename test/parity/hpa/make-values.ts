// Pure: Pods, Object and External metrics, and the values that a provider serves of them. Some are served by nobody.
import type { Dice } from './dice.ts';
import type { Group, Json, ValueWrite } from './model.ts';

export type SourceType = 'Pods' | 'Object' | 'External';

interface Place {
  readonly group: Pick<Group, 'namespace' | 'name' | 'pods'>;
  readonly name: string;
}

interface MadeSource {
  readonly metric: Json;
  readonly values: readonly ValueWrite[];
}

export function makeSource(dice: Dice, type: SourceType, place: Place): MadeSource {
  switch (type) {
    case 'Pods':
      return makePodsSource(dice, place);
    case 'Object':
      return makeObjectSource(dice, place);
    case 'External':
      return makeExternalSource(dice, place);
  }
}

/** Around the targets below, which are 10 per pod, or a few of them in all. */
export function makeValue(dice: Dice): string {
  return dice.pick('0', '900m', '5', '8700m', '9', '10', '10500m', '11', '12', '17', '25', '40', '12500u', '1k');
}

function makePodsSource(dice: Dice, { group, name }: Place): MadeSource {
  const metric = { name, ...makeSelector(dice) };
  const isServed = dice.chance(93);
  const pods = isServed ? group.pods.filter(() => dice.chance(90)) : [];
  const values = pods.map(
    (pod): ValueWrite => ({
      namespace: group.namespace,
      metric: name,
      of: { resource: 'pods', name: pod.name },
      labels: makeLabels(dice),
      value: makeValue(dice),
    }),
  );
  return { metric: { type: 'Pods', pods: { metric, target: { type: 'AverageValue', averageValue: '10' } } }, values };
}

function makeObjectSource(dice: Dice, { group, name }: Place): MadeSource {
  const { namespace } = group;
  const object = dice.weighted({ service: 55, deployment: 22, namespace: 15, 'unknown kind': 8 });
  const objects = {
    service: { apiVersion: 'v1', kind: 'Service', name: 'web' },
    deployment: { apiVersion: 'apps/v1', kind: 'Deployment', name: group.name },
    namespace: { kind: 'Namespace', name: 'elsewhere' },
    'unknown kind': { apiVersion: 'example.com/v1', kind: 'Gizmo', name: 'g' },
  } as const;
  // Of a namespace, the metric is that of the HPA's own, whatever its name.
  const owners = {
    service: { resource: 'services', name: 'web' },
    deployment: { resource: 'deployments.apps', name: group.name },
    namespace: { resource: 'namespaces', name: namespace },
    'unknown kind': undefined,
  } as const;
  const owner = owners[object];
  const isServed = owner !== undefined && dice.chance(93);
  const values = isServed
    ? [{ namespace, metric: name, of: owner, labels: makeLabels(dice), value: makeValue(dice) }]
    : [];
  const metric = { name, ...makeSelector(dice) };
  return {
    metric: { type: 'Object', object: { describedObject: objects[object], metric, target: makeValueTarget(dice) } },
    values,
  };
}

function makeExternalSource(dice: Dice, { group, name }: Place): MadeSource {
  const count = dice.chance(93) ? dice.pick(1, 1, 2, 3) : 0;
  const values = Array.from(
    { length: count },
    (_, index): ValueWrite => ({
      namespace: group.namespace,
      metric: name,
      labels: { series: String(index), ...makeLabels(dice) },
      value: makeValue(dice),
    }),
  );
  const metric = { name, ...makeSelector(dice) };
  return { metric: { type: 'External', external: { metric, target: makeValueTarget(dice) } }, values };
}

function makeValueTarget(dice: Dice): Json {
  if (dice.chance(45)) return { type: 'Value', value: '10' };
  return dice.chance(80) ? { type: 'AverageValue', averageValue: '2500m' } : { type: 'Value', averageValue: '5' };
}

/** What `makeSelector` asks for, mostly. */
function makeLabels(dice: Dice): Readonly<Record<string, string>> {
  return dice.chance(93) ? { app: 'x', k: 'y', verb: 'GET' } : {};
}

function makeSelector(dice: Dice): Json {
  if (dice.chance(55)) return {};
  return {
    selector: {
      ...(dice.chance(70) ? { matchLabels: { verb: 'GET', app: 'x' } } : {}),
      ...(dice.chance(40) ? { matchExpressions: [{ key: 'k', operator: 'In', values: ['y', 'x'] }] } : {}),
    },
  };
}
