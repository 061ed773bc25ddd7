// Flow: which nodes and pods a request means, joined with their usage.
import type { LabelMatcher, NodeLister, PodLister, PodView } from '../lib/views.ts';
import type { MetricsReader } from '../metrics/types.ts';
import type { ListOptions } from './list-options.ts';
import type { NodeMetrics, PodMetrics } from './metrics-object.ts';
import { PodWalk } from './pod-walk.ts';
import { metricsGroup } from './request-info.ts';
import { objectNotFound, StatusError } from './status.ts';

export interface MetricsSources {
  readonly nodes: NodeLister;
  readonly pods: PodLister;
  readonly reader: MetricsReader;
  /** `--node-selector`: nodes that are scraped, and therefore listed. */
  readonly nodeSelector: LabelMatcher;
  /** Told the age of each sample that is served. */
  readonly onServed: (ageMs: number) => void;
}

/** Nodes with a usage, by name. Read while being encoded, so that a long list is never held twice. */
export function* listNodeMetrics(sources: MetricsSources, options: ListOptions, nowMs: number): Generator<NodeMetrics> {
  const { nodes, nodeSelector, reader, onServed } = sources;
  const selected = nodes
    .list()
    .filter(
      (node) =>
        nodeSelector.matches(node.labels) &&
        options.labels.matches(node.labels) &&
        options.selectsFields('', node.name),
    );
  for (const node of selected.toSorted(byName)) {
    const usage = reader.getNodeUsage(node.name);
    if (usage === undefined) continue;
    onServed(nowMs - usage.timestampMs);
    yield { kind: 'NodeMetrics', identity: node, usage };
  }
}

/** Running pods with a usage, by namespace and name; namespace '' means all. */
export function listPodMetrics(
  { pods, reader, onServed }: MetricsSources,
  namespace: string,
  options: ListOptions,
  nowMs: number,
): PodWalk {
  return new PodWalk({
    parts: pods.listSorted(namespace, options.labels),
    isSelected: (pod) => isRunning(pod) && options.selectsFields(pod.namespace, pod.name),
    reader,
    onServed: (timestampMs) => onServed(nowMs - timestampMs),
  });
}

/** Throws StatusError: no such node, or no metrics of it. */
export function getNodeMetrics({ nodes, reader, onServed }: MetricsSources, name: string, nowMs: number): NodeMetrics {
  const node = nodes.get(name);
  if (node === undefined) throw new StatusError(objectNotFound('node', name));
  const usage = reader.getNodeUsage(name);
  if (usage === undefined) throw new StatusError(objectNotFound('nodemetrics', name, metricsGroup));
  onServed(nowMs - usage.timestampMs);
  return { kind: 'NodeMetrics', identity: node, usage };
}

/** Throws StatusError: no such running pod, or no metrics of it. */
export function getPodMetrics(
  { pods, reader, onServed }: MetricsSources,
  namespace: string,
  name: string,
  nowMs: number,
): PodMetrics {
  const pod = pods.get(namespace, name);
  if (pod === undefined || !isRunning(pod)) throw new StatusError(objectNotFound('pods', name));
  const usage = reader.getPodUsage(namespace, name, pod.nodeName);
  if (usage === undefined) throw new StatusError(objectNotFound('podmetrics', `${namespace}/${name}`, metricsGroup));
  onServed(nowMs - usage.timestampMs);
  return { kind: 'PodMetrics', identity: pod, usage };
}

function isRunning(pod: PodView): boolean {
  return pod.phase === 'Running';
}

/** Names are ASCII, so the order of UTF-16 units is the order of bytes. */
function byName(a: { readonly name: string }, b: { readonly name: string }): number {
  return a.name < b.name ? -1 : Number(a.name > b.name);
}
