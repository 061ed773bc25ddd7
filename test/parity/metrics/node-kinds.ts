// Pure: nodes of every kind. A row is a name and what the node's objects and its kubelet do at each step.
import { goFloat } from '../../cluster/sim/go-float.ts';
import type { NodeSample, NodeState } from './model.ts';
import { firstOddStep } from './model.ts';

export interface NodeDraft {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  sample(step: number): NodeSample & { readonly timestampMs: number };
}

export type NodeKind = (node: NodeDraft, step: number) => NodeState;

function well(node: NodeDraft, step: number): NodeState & { readonly api: NonNullable<NodeState['api']> } {
  return {
    api: { labels: node.labels, ready: true, addressed: true, withPort: true, path: undefined },
    answer: { kind: 'exposition' },
    sample: node.sample(step),
  };
}

const failing = { kind: 'other', status: 500, contentType: 'text/plain', body: 'no\n' } as const;

/** Nodes about which both sides must say the same. Only the ordinary ones have pods that matter. */
export const exactKinds: Readonly<Record<string, NodeKind>> = {
  'not ready': (node, step) => ({ ...well(node, step), api: { ...well(node, step).api, ready: false } }),
  'without a Ready condition': (node, step) => ({
    ...well(node, step),
    api: { ...well(node, step).api, ready: undefined },
  }),
  'without an address': (node, step) => ({ ...well(node, step), api: { ...well(node, step).api, addressed: false } }),
  'with a path of its own': (node, step) => ({
    ...well(node, step),
    api: { ...well(node, step).api, path: `/metrics of/${node.name}?x=%41` },
  }),
  'always failing': (node, step) => ({
    ...well(node, step),
    api: { ...well(node, step).api, ready: false },
    answer: failing,
  }),
  'labels change': (node, step) => ({
    ...well(node, step),
    api: { ...well(node, step).api, labels: step < 2 ? node.labels : { ...node.labels, zone: 'changed' } },
  }),
  'comes later': (node, step) => (step < 2 ? { ...well(node, step), api: undefined } : well(node, step)),
  'is deleted': (node, step) => (step < 2 ? well(node, step) : { ...well(node, step), api: undefined }),
  'its counter falls': (node, step) => ({
    ...well(node, step),
    sample: step === 2 ? { ...node.sample(2), cpuSeconds: '1' } : node.sample(step),
  }),
  'without memory': (node, step) => ({ ...well(node, step), sample: { ...node.sample(step), memoryBytes: '0' } }),
  'without CPU': (node, step) => ({ ...well(node, step), sample: { ...node.sample(step), cpuSeconds: '0' } }),
  'without series of its own': (node, step) => ({ ...well(node, step), sample: undefined }),
  'repeats itself': (node, step) => ({ ...well(node, step), sample: node.sample(step === 2 ? 1 : step) }),
  'clock set back': (node, step) => {
    const early = { ...node.sample(2), timestampMs: node.sample(0).timestampMs - 60_000 };
    return { ...well(node, step), sample: step === 2 ? early : node.sample(step) };
  },
  idle: (node, step) => ({ ...well(node, step), sample: { ...node.sample(step), cpuSeconds: goFloat(1.5e6) } }),
  'without the last line end': (node, step) => ({
    ...well(node, step),
    answer: { kind: 'exposition', edit: (text) => text.trimEnd() },
  }),
  'with comments and blank lines': (node, step) => ({
    ...well(node, step),
    answer: { kind: 'exposition', edit: (text) => `\n# EOF\n#\n# UNIT x seconds\n\n${text}\n\n# a comment "with {\n` },
  }),
};

const once = (step: number): boolean => step === firstOddStep;

/** Nodes that Headroom handles better; each is well but for one step. */
export const oddKinds: Readonly<Record<string, NodeKind>> = {
  'one bad line once': (node, step) => edited(node, step, (text) => `${text}bad { line\n`),
  'lines end with CR LF once': (node, step) => edited(node, step, (text) => text.replaceAll('\n', '\r\n')),
  'blanks before names once': (node, step) => edited(node, step, (text) => text.replaceAll(/^(?=node_)/gm, '  ')),
  'a value that is none once': (node, step) => edited(node, step, (text) => `${text}container_spec_cpu_quota 0x1p3\n`),
  'answers 500 once': (node, step) => (once(step) ? { ...unready(node, step), answer: failing } : well(node, step)),
  'cuts the connection once': (node, step) =>
    once(step) ? { ...unready(node, step), answer: { kind: 'reset' } } : well(node, step),
  'hangs once': (node, step) => (once(step) ? { ...unready(node, step), answer: { kind: 'hang' } } : well(node, step)),
  'answers HTML once': (node, step) =>
    once(step)
      ? { ...unready(node, step), answer: other('text/html', '<html><body>sign in</body></html>\n') }
      : well(node, step),
  'statistics fail once': (node, step) =>
    once(step)
      ? { ...unready(node, step), answer: other('text/plain; version=0.0.4', 'resource_scrape_error 1\n') }
      : well(node, step),
  'answers nothing once': (node, step) =>
    once(step) ? { ...unready(node, step), answer: other('text/plain; version=0.0.4', '') } : well(node, step),
  'its CPU is NaN once': (node, step) => ({
    ...well(node, step),
    sample: { ...node.sample(step), ...(once(step) ? { cpuSeconds: 'NaN' } : {}) },
  }),
};

function edited(node: NodeDraft, step: number, edit: (text: string) => string): NodeState {
  return once(step) ? { ...well(node, step), answer: { kind: 'exposition', edit } } : well(node, step);
}

/** It turns ready when it is well again, so that Headroom asks it at once instead of later (S3). */
function unready(node: NodeDraft, step: number): NodeState {
  return { ...well(node, step), api: { ...well(node, step).api, ready: false } };
}

function other(contentType: string, body: string) {
  return { kind: 'other', status: 200, contentType, body } as const;
}

export const ordinary: NodeKind = well;
