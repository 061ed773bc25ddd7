// Pure: pods of every shape about which both sides must say the same. Each is a row: its name, and what is said of it at each step.
import { goFloat } from '../../cluster/sim/go-float.ts';
import { resolutionMs } from './course.ts';
import type { PodDraft, Shape } from './pod-draft.ts';

const two = ['app', 'proxy'] as const;
/** Within what counts as fresh: 10 s to one resolution. */
const freshAgeMs = 10_500;
const tooYoungMs = 4_000;

/** These need nothing of their kubelet but CPU and memory, so they may be on any node. */
export const plainShapes: Readonly<Record<string, Shape>> = {
  'one container': { at: (pod, step) => pod.running(pod.all(step)) },
  'several containers': {
    containers: ['app', 'log-shipper', 'proxy', 'x'],
    at: (pod, step) => pod.running(pod.all(step)),
  },
  'a sidecar among its init containers': {
    containers: ['app', 'sidecar'],
    initContainers: ['migrate', 'sidecar'],
    at: (pod, step) => pod.running(pod.all(step)),
  },
  static: {
    annotations: { 'kubernetes.io/config.mirror': 'f00', 'kubernetes.io/config.source': 'file' },
    at: (pod, step) => pod.running(pod.all(step)),
  },
  'long container names': {
    containers: ['a'.repeat(63), '0', 'x-1-y'],
    at: (pod, step) => pod.running(pod.all(step)),
  },
  'no labels': { labels: () => ({}), at: (pod, step) => pod.running(pod.all(step)) },
  'many labels': { labels: manyLabels, at: (pod, step) => pod.running(pod.all(step)) },
};

export const exactShapes: Readonly<Record<string, Shape>> = {
  ...plainShapes,
  // Who is there, and to whom.
  'an init container that ends': {
    containers: ['app', 'migrate'],
    initContainers: ['migrate'],
    at: (pod, step) =>
      pod.running([step < 2 ? pod.sample(1, step) : pod.started(0, step, { since: 2, ageMs: tooYoungMs })]),
  },
  succeeded: { at: (pod, step) => pod.running(pod.all(step), { phase: 'Succeeded' }) },
  failed: { at: (pod, step) => pod.running(pod.all(step), { phase: 'Failed' }) },
  pending: { at: (pod, step) => pod.running(pod.all(step), { phase: 'Pending' }) },
  'phase unknown': { at: (pod, step) => pod.running(pod.all(step), { phase: 'Unknown' }) },
  'begins to run': { at: (pod, step) => pod.running(pod.all(step), { phase: step < 2 ? 'Pending' : 'Running' }) },
  ends: { at: (pod, step) => pod.running(pod.all(step), { phase: step < 2 ? 'Running' : 'Succeeded' }) },
  'unknown to the API server': { at: (pod, step) => ({ ...pod.running(pod.all(step)), api: undefined }) },
  'not reported': { at: (pod) => pod.running([]) },
  'no longer reported': { at: (pod, step) => pod.running(step < 2 ? pod.all(step) : []) },
  'deleted while it is reported': {
    at: (pod, step) => (step < 2 ? pod.running(pod.all(step)) : { ...pod.running(pod.all(step)), api: undefined }),
  },
  'labels change': {
    at: (pod, step) =>
      pod.running(pod.all(step), { labels: step < 2 ? pod.place.labels : { ...pod.place.labels, app: 'changed' } }),
  },
  moves: { at: moves },
  // How long it has been there.
  fresh: { at: (pod, step) => pod.running([pod.started(0, step, { since: 0, ageMs: freshAgeMs })]) },
  'fresh later': {
    containers: two,
    at: (pod, step) =>
      pod.running(step < 1 ? [] : two.map((_name, index) => pod.started(index, step, { since: 1, ageMs: freshAgeMs }))),
  },
  'almost fresh': {
    at: (pod, step) => pod.running(step < 1 ? [] : [pod.started(0, step, { since: 1, ageMs: 9_999 })]),
  },
  'no longer fresh': {
    at: (pod, step) => pod.running(step < 1 ? [] : [pod.started(0, step, { since: 1, ageMs: resolutionMs })]),
  },
  restarts: {
    at: (pod, step) =>
      pod.running([step < 2 ? pod.sample(0, step) : pod.started(0, step, { since: 2, ageMs: tooYoungMs })]),
  },
  'restarts and is fresh at once': {
    at: (pod, step) =>
      pod.running([step < 2 ? pod.sample(0, step) : pod.started(0, step, { since: 2, ageMs: freshAgeMs })]),
  },
  'starts in the future': {
    at: (pod, step) => {
      const sample = pod.sample(0, step);
      return pod.running([{ ...sample, startSeconds: goFloat((sample.timestampMs + 3_600_000) / 1000) }]);
    },
  },
  'started in 1970': { at: (pod, step) => pod.running([pod.sample(0, step, { startSeconds: '42.5' })]) },
  'start time zero': { at: (pod, step) => pod.running([pod.sample(0, step, { startSeconds: '0' })]) },
  // What its counters do.
  idle: { at: (pod, step) => pod.running([pod.sample(0, step, { cpuSeconds: '12.5' })]) },
  'almost idle': {
    at: (pod, step) => pod.running([pod.sample(0, step, { cpuSeconds: `1.${String(step).padStart(9, '0')}` })]),
  },
  huge: {
    at: (pod, step) =>
      pod.running([
        pod.sample(0, step, { cpuSeconds: goFloat(5e9 + step * 7.7e6), memoryBytes: goFloat(8e18 + step * 1e17) }),
      ]),
  },
  'fractions of bytes': {
    at: (pod, step) => pod.running([pod.sample(0, step, { memoryBytes: `${1000 + step}.99` })]),
  },
  'one of two counters falls': {
    containers: two,
    at: (pod, step) => pod.running([pod.sample(0, step), step === 2 ? fallen(pod, 1, step) : pod.sample(1, step)]),
  },
  'memory falls': { at: (pod, step) => pod.running([pod.sample(0, step, { memoryBytes: goFloat(9e9 - step * 1e9) })]) },
  // What its clock does.
  'repeats itself': { at: (pod, step) => pod.running([pod.sample(0, step === 2 ? 1 : step)]) },
  'one of two repeats itself': {
    containers: two,
    at: (pod, step) => pod.running([pod.sample(0, step), pod.sample(1, step === 2 ? 1 : step)]),
  },
  'clock set back a little': { at: (pod, step) => pod.running([step === 2 ? between(pod) : pod.sample(0, step)]) },
  'clock set back far': {
    at: (pod, step) => {
      const earlyMs = pod.sample(0, 0).timestampMs - 60_000;
      return pod.running([pod.sample(0, step, step === 2 ? { timestampMs: earlyMs } : {})]);
    },
  },
  'skips ahead': {
    at: (pod, step) => {
      const aheadMs = step < 2 ? 0 : 3_600_000 * 30 + 5;
      return pod.running([pod.sample(0, step, { timestampMs: pod.sample(0, step).timestampMs + aheadMs })]);
    },
  },
  'sampled in 1970': {
    at: (pod, step) => pod.running([pod.sample(0, step, { timestampMs: step * 999, startSeconds: undefined })]),
  },
  // How it is written.
  'written twice': {
    at: (pod, step) =>
      pod.running([pod.sample(0, step, { cpuSeconds: '0.5', memoryBytes: '7', timestampMs: 5 }), pod.sample(0, step)]),
  },
  'odd numbers': {
    at: (pod, step) =>
      pod.running([pod.sample(0, step, { cpuSeconds: oddNumbers[step] ?? '700', memoryBytes: oddBytes[step] ?? '9' })]),
  },
  'labels in another order': {
    at: (pod, step) => {
      const labels = pod.labels(0, (is) => `{pod="${is.pod}",namespace="${is.namespace}",container="${is.container}"}`);
      return pod.running([pod.sample(0, step, { labels })]);
    },
  },
  'blanks and commas between labels': {
    at: (pod, step) => {
      const text = pod.labels(
        0,
        (is) => `{ container="${is.container}", namespace="${is.namespace}" ,pod="${is.pod}", }`,
      );
      return pod.running([pod.sample(0, step, { labels: text })]);
    },
  },
  'further labels': {
    at: (pod, step) => {
      const labels = pod.labels(
        0,
        (is) =>
          `{container="${is.container}",id="/kubepods/}{",image="a=b,c",namespace="${is.namespace}",pod="${is.pod}"}`,
      );
      return pod.running([pod.sample(0, step, { labels })]);
    },
  },
  'amounts at which their suffix changes': {
    containers: ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h', 'i', 'j', 'k', 'l', 'm', 'n', 'o', 'p'],
    at: (pod, step) => pod.running(amounts.map((amount, index) => atAmount(pod, step, index, amount))),
  },
};

const oddNumbers = ['100', '+160.5', '2.2e2', '0030.5E1', '.4e+3', '500.', '6.0e+0002'];
const oddBytes = ['1e3', '1E+6', '+77', '.5e5', '00012', '123.', '1.0000000000000001e3'];

/** Nano-cores and bytes. */
const amounts: readonly (readonly [nanoCores: number, bytes: number])[] = [
  [1, 1],
  [999, 999],
  [1_000, 1_000],
  [1_001, 1_023],
  [1_500, 1_024],
  [999_999, 1_025],
  [1_000_000, 1_536],
  [1_000_001, 4_096],
  [123_456_000, 1_000_000],
  [999_999_999, 1_024_000],
  [1_000_000_000, 2 ** 20],
  [1_500_000_000, 2 ** 20 + 1],
  [64_000_000_000, 2 ** 30],
  [100_000_000_000, 2 ** 40],
  [1_000_000_000_000, 2 ** 50],
  [123_456_789, 2 ** 60],
];

/** Exactly so much per second between any two steps. */
function atAmount(pod: PodDraft, step: number, index: number, [nanoCores, bytes]: readonly [number, number]) {
  const cpuSeconds = goFloat((1e6 + step * nanoCores * (resolutionMs / 1000)) / 1e9);
  // All at one time, so that it does not matter which of them names the time of the pod.
  const timestampMs = pod.settings.baseMs + step * resolutionMs;
  return pod.sample(index, step, { cpuSeconds, memoryBytes: goFloat(bytes), timestampMs });
}

function moves(pod: PodDraft, step: number) {
  if (step < 2) return pod.running(pod.all(step));
  return pod.running([pod.started(0, step, { since: 2, ageMs: tooYoungMs })], { node: pod.place.otherNode });
}

/** Its CPU counter is below that of the step before. */
export function fallen(pod: PodDraft, index: number, step: number) {
  return pod.sample(index, step, { cpuSeconds: goFloat(Number(pod.sample(index, step - 1).cpuSeconds) / 2) });
}

/** Between the samples of steps 0 and 1. */
function between(pod: PodDraft) {
  const [from, to] = [pod.sample(0, 0), pod.sample(0, 1)];
  const timestampMs = Math.floor((from.timestampMs + to.timestampMs) / 2);
  return { ...to, cpuSeconds: goFloat((Number(from.cpuSeconds) + Number(to.cpuSeconds)) / 2), timestampMs };
}

function manyLabels(): Readonly<Record<string, string>> {
  const labels = Array.from({ length: 40 }, (_one, index) => [`example.com/label-${index}`, `value.${index}_x`]);
  return { ...Object.fromEntries(labels), '0': '', A: 'Upper', 'app.kubernetes.io/name': 'many', app: 'many' };
}
