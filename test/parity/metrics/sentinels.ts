// Pure: how to see from outside that a side has stored all that it read at a step: on every healthy node there are pods whose time is known.
import type { NodeModel, World } from './model.ts';
import { plainShapes } from './pod-shapes.ts';

/** `namespace/name` -> the time that it must be served with, in whole seconds. */
export function sentinelsAt({ nodes, pods }: World, step: number): ReadonlyMap<string, number> {
  const isHealthy = nodes.map((node) => wasWell(node, step) && (step === 0 || wasWell(node, step - 1)));
  const found = new Map<string, number>();
  for (const pod of pods) {
    // After one sample only containers that have just started have a usage.
    const isKnown = step === 0 ? pod.shape === 'fresh' : pod.shape in plainShapes;
    const [report] = pod.at(step).reports;
    if (!isKnown || report === undefined || isHealthy[report.node] !== true) continue;
    const earliestMs = Math.min(...report.samples.map(({ timestampMs }) => timestampMs ?? Number.NaN));
    found.set(`${pod.namespace}/${pod.name}`, Math.floor(earliestMs / 1000));
  }
  return found;
}

/** The sentinels that a list of PodMetrics does not show with their time. */
export function missingIn(listBody: string, sentinels: ReadonlyMap<string, number>): readonly string[] {
  const { items } = JSON.parse(listBody) as { readonly items: readonly ListedPod[] };
  const seen = new Map(
    items.map(({ metadata, timestamp }) => [
      `${metadata.namespace}/${metadata.name}`,
      Date.parse(timestamp ?? '') / 1000,
    ]),
  );
  return [...sentinels].filter(([key, seconds]) => seen.get(key) !== seconds).map(([key]) => key);
}

interface ListedPod {
  readonly metadata: { readonly namespace: string; readonly name: string };
  readonly timestamp: string | null;
}

function wasWell(node: NodeModel, step: number): boolean {
  const { api, answer } = node.at(step);
  return api !== undefined && api.addressed && answer.kind === 'exposition' && answer.edit === undefined;
}
