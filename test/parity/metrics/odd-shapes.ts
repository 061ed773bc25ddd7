// Pure: pods about which Headroom says something better than metrics-server; the rows of docs/parity.md that say so are in intended.ts.
// They run during the odd steps only, so that nobody serves them before or after.

import { firstOddStep, isOddStep, type PodState, type Sample } from './model.ts';
import type { PodDraft, Shape } from './pod-draft.ts';
import { fallen } from './pod-shapes.ts';

const two = ['app', 'proxy'] as const;

export const oddShapes: Readonly<Record<string, Shape>> = {
  'a sidecar that never used CPU': {
    containers: two,
    at: (pod, step) => odd(pod, step, [pod.sample(0, step), pod.sample(1, step, { cpuSeconds: '0' })]),
  },
  'a container without memory': {
    containers: two,
    at: (pod, step) => odd(pod, step, [pod.sample(0, step), pod.sample(1, step, { memoryBytes: '0' })]),
  },
  'a container with a start time only': {
    containers: two,
    at: (pod, step) =>
      odd(pod, step, [pod.sample(0, step), pod.sample(1, step, { cpuSeconds: undefined, memoryBytes: undefined })]),
  },
  'a container joins': {
    containers: two,
    at: (pod, step) =>
      odd(
        pod,
        step,
        step < firstOddStep
          ? [pod.sample(0, step)]
          : [pod.sample(0, step), pod.started(1, step, { since: firstOddStep, ageMs: 4_000 })],
      ),
  },
  'one of two containers restarts': {
    containers: two,
    at: (pod, step) =>
      odd(pod, step, [
        pod.sample(0, step),
        step < firstOddStep ? pod.sample(1, step) : pod.started(1, step, { since: firstOddStep, ageMs: 4_000 }),
      ]),
  },
  'all counters fall': {
    at: (pod, step) => odd(pod, step, [step === firstOddStep ? fallen(pod, 0, step) : pod.sample(0, step)]),
  },
  'a start time is missing once': {
    at: (pod, step) => odd(pod, step, [pod.sample(0, step, step === firstOddStep ? { startSeconds: undefined } : {})]),
  },
  'on two nodes': {
    at: (pod, step) => {
      const state = odd(pod, step, [pod.sample(0, step)]);
      const elsewhere = pod.sample(0, step, { cpuSeconds: String(10 * (step + 1)), memoryBytes: '4096' });
      return { ...state, reports: [...state.reports, { node: pod.place.otherNode, samples: [elsewhere] }] };
    },
  },
  'reported by another node only': {
    at: (pod, step) => {
      const state = odd(pod, step, [pod.sample(0, step)]);
      return { ...state, reports: state.reports.map((report) => ({ ...report, node: pod.place.otherNode })) };
    },
  },
  'a label whose name ends in pod': {
    at: (pod, step) => {
      const labels = pod.labels(
        0,
        (is) => `{a_pod="zz",container="${is.container}",namespace="${is.namespace}",pod="${is.pod}"}`,
      );
      return odd(pod, step, [pod.sample(0, step, { labels })]);
    },
  },
  'a blank before the labels': {
    at: (pod, step) => {
      const labels = pod.labels(
        0,
        (is) => ` {container="${is.container}",namespace="${is.namespace}",pod="${is.pod}"}`,
      );
      return odd(pod, step, [pod.sample(0, step, { labels })]);
    },
  },
  'CPU is NaN once': {
    at: (pod, step) => odd(pod, step, [pod.sample(0, step, step === firstOddStep ? { cpuSeconds: 'NaN' } : {})]),
  },
  'CPU is infinite once': {
    at: (pod, step) => odd(pod, step, [pod.sample(0, step, step === firstOddStep ? { cpuSeconds: '+Inf' } : {})]),
  },
  'memory is negative once': {
    at: (pod, step) => odd(pod, step, [pod.sample(0, step, step === firstOddStep ? { memoryBytes: '-2' } : {})]),
  },
};

function odd(pod: PodDraft, step: number, samples: readonly Sample[]): PodState {
  const phase = step < firstOddStep ? 'Pending' : isOddStep(step) ? 'Running' : 'Succeeded';
  return pod.running(step < firstOddStep - 1 ? [] : samples, { phase });
}
