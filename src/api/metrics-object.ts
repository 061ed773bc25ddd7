// Types only: a NodeMetrics or PodMetrics before it is encoded: the object as it is now, and its usage.
import type { NodeUsage, PodUsage } from '../metrics/types.ts';

/** The parts of the metadata that are served: a NodeView or PodView as it is. */
export interface ObjectIdentity {
  /** undefined for nodes. */
  readonly namespace?: string;
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
}

export interface NodeMetrics {
  readonly kind: 'NodeMetrics';
  readonly identity: ObjectIdentity;
  readonly usage: NodeUsage;
}

export interface PodMetrics {
  readonly kind: 'PodMetrics';
  readonly identity: ObjectIdentity;
  readonly usage: PodUsage;
}

export type MetricsObject = NodeMetrics | PodMetrics;
