// Pure: a seed -> nodes and pods. Every kind of node and every shape of pod occurs; the rest is chance.
import { Dice } from '../hpa/dice.ts';
import { healthyNode, type Settings } from './course.ts';
import { tenantNamespace } from './credentials.ts';
import type { KubeletVersion, NodeModel, PodModel, World } from './model.ts';
import { exactKinds, type NodeKind, oddKinds, ordinary } from './node-kinds.ts';
import { oddShapes } from './odd-shapes.ts';
import { PodDraft, type PodPlace } from './pod-draft.ts';
import { exactShapes, plainShapes } from './pod-shapes.ts';

/** Of these, each kubelet version has some. */
const ordinaryNodes = 8;
/** Of which the tenant has some in every world. */
const tenantShape = 'one container';
const podsPerSpecialNode = 4;
const versions: readonly KubeletVersion[] = ['1.36', '1.29', '1.24', '1.19'];

/** Names that sort differently by bytes than a person would. `empty` has no pods. */
export const emptyNamespace = 'empty';
const namespaces = [
  'default',
  'kube-system',
  tenantNamespace,
  `${tenantNamespace}-b`,
  'team-b',
  '0day',
  `n${'n'.repeat(62)}`,
];

export interface WorldSettings extends Settings {
  readonly seed: number;
  readonly pods: number;
}

export function makeWorld({ seed, pods: podCount, ...settings }: WorldSettings): World {
  const nodes = makeNodes(seed, settings);
  const makePod = (shape: string, index: number, node: number | undefined): PodModel =>
    draftPod({ shape, index, node, nodes }, new Dice(seed, `pod ${index} ${shape}`), settings);
  const special = nodes.flatMap(({ kind }, node) =>
    kind === 'ordinary' ? [] : Array.from({ length: podsPerSpecialNode }, () => node),
  );
  const onSpecial = special.map((node, index) => makePod(pick(Object.keys(plainShapes), index), index, node));
  const shapes = [...Object.keys(exactShapes), ...Object.keys(oddShapes)];
  const left = Math.max(podCount - onSpecial.length, shapes.length);
  const dice = new Dice(seed, 'shapes');
  const others = Array.from({ length: left }, (_one, index) => {
    const shape = index < shapes.length ? pick(shapes, index) : one(dice, Object.keys(exactShapes));
    return makePod(shape, onSpecial.length + index, undefined);
  });
  return { nodes, pods: [...onSpecial, ...others], namespaces: [...namespaces, emptyNamespace] };
}

function makeNodes(seed: number, settings: Settings): readonly NodeModel[] {
  const kinds: readonly (readonly [string, NodeKind])[] = [
    ...Array.from({ length: ordinaryNodes }, () => ['ordinary', ordinary] as const),
    ...Object.entries(exactKinds),
    ...Object.entries(oddKinds),
  ];
  return kinds.map(([kind, at], index) => {
    const name = nodeName(index);
    const dice = new Dice(seed, name);
    const labels = {
      zone: dice.pick('a', 'b', 'c'),
      'node.kubernetes.io/instance-type': 'm5.large',
      kind: `k${index}`,
    };
    const draft = { name, labels, sample: healthyNode(dice, settings) };
    return { name, kind, version: pick(versions, index), at: (step) => at(draft, step) };
  });
}

/** Not in the order of their numbers when sorted by bytes; with dots and dashes, as cloud providers name them. */
function nodeName(index: number): string {
  return pick([`node-${index}`, `ip-10-0-0-${index}.internal`, `${index}.node`, `n${index}`], index);
}

interface PodWish {
  readonly shape: string;
  readonly index: number;
  readonly node: number | undefined;
  readonly nodes: readonly NodeModel[];
}

function draftPod({ shape: shapeName, index, node: wanted, nodes }: PodWish, dice: Dice, settings: Settings): PodModel {
  const shape = exactShapes[shapeName] ?? oddShapes[shapeName];
  if (shape === undefined) throw new Error(`BUG: there is no shape ${shapeName}`);
  const { containers = ['app'], initContainers = [], annotations = {}, labels = ordinaryLabels } = shape;
  const place: PodPlace = {
    ...placeOn(dice, ordinaryFor(nodes, shapeName in plainShapes), wanted),
    namespace: shapeName === tenantShape ? tenantNamespace : one(dice, namespaces),
    name: podName(dice, shapeName, index),
    labels: labels(dice),
    containers,
  };
  const draft = new PodDraft(place, dice, settings);
  const { namespace, name, node } = place;
  const model = { namespace, name, shape: shapeName, containers, initContainers, annotations, node };
  return { ...model, at: (step) => shape.at(draft, step) };
}

function placeOn(dice: Dice, candidates: readonly number[], wanted: number | undefined) {
  const node = wanted ?? one(dice, candidates);
  return {
    node,
    otherNode: one(
      dice,
      candidates.filter((other) => other !== node),
    ),
  };
}

function one<T>(dice: Dice, values: readonly T[]): T {
  return values[dice.int(0, values.length - 1)] as T;
}

/** A kubelet of 1.19 tells no start times, which most shapes are about. */
function ordinaryFor(nodes: readonly NodeModel[], isPlain: boolean): readonly number[] {
  return nodes.flatMap(({ kind, version }, node) =>
    kind === 'ordinary' && (isPlain || version !== '1.19') ? [node] : [],
  );
}

function ordinaryLabels(dice: Dice): Readonly<Record<string, string>> {
  return {
    app: dice.pick('web', 'db', 'cache'),
    tier: dice.pick('front', 'back'),
    ...(dice.chance(30) ? { 'example.com/canary': '' } : {}),
    ...(dice.chance(20) ? { version: `1.${dice.int(0, 9)}` } : {}),
  };
}

/** Unique, sorted unlike their numbers. */
function podName(dice: Dice, shape: string, index: number): string {
  const plain = `${shape.toLowerCase().replaceAll(/[^a-z]+/g, '-')}-${index}`;
  return dice.pick(plain, plain, `${plain}.x`, `${index}-${plain}`, `${plain}-${'y'.repeat(180)}`);
}

function pick<T>(values: readonly T[], index: number): T {
  return values[index % values.length] as T;
}
