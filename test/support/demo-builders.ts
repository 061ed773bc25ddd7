// Builders of what the demo shows: a first scale-up of php-apache, unless told otherwise.
import type { DecisionRecord, MetricRecord } from '../../demo/decision-record.ts';
import type { Example } from '../../demo/manifests.ts';
import type { ClusterView } from '../../demo/observe.ts';
import type { Scene } from '../../demo/scene.ts';

/** When the load begins in these tests. */
export const loadBeganAtMs = Date.UTC(2026, 10, 21, 14, 0, 0);

export function atSeconds(seconds: number): number {
  return loadBeganAtMs + seconds * 1000;
}

/** 250 % of the request with one pod. */
export function metricRecord(changes: Partial<MetricRecord> = {}): MetricRecord {
  return {
    name: 'cpu resource utilization (percentage of request)',
    failed: undefined,
    rule: 'ready-pods',
    usageRatio: 5,
    adjustedRatio: undefined,
    tolerance: { from: 0.9, to: 1.1 },
    pods: { ready: 1, unready: 0, missing: 0 },
    ...changes,
  };
}

/** 1 -> 5, 41 s after the load began. */
export function decisionRecord(changes: Partial<DecisionRecord> = {}): DecisionRecord {
  const { from = 1, to = 5 } = changes;
  const proposed = changes.proposed ?? to;
  return {
    atMs: atSeconds(41),
    hasChanged: to !== from,
    autoscaler: 'HorizontalPodAutoscaler default/php-apache',
    from,
    to,
    proposed,
    stabilized: proposed,
    heldByReplicas: undefined,
    heldUntilMs: undefined,
    limit: 'DesiredWithinRange',
    allowed: { lowest: 1, highest: 10 },
    metrics: [metricRecord()],
    ...changes,
  };
}

export function clusterView(changes: Partial<ClusterView> = {}): ClusterView {
  const { replicas = 1 } = changes;
  return {
    columns: ['NAME', 'REFERENCE', 'TARGETS', 'MINPODS', 'MAXPODS', 'REPLICAS', 'AGE'],
    cells: ['php-apache', 'Deployment/php-apache', 'cpu: 20%/50%', '1', '10', String(replicas), '50s'],
    conditions: [
      {
        type: 'AbleToScale',
        status: 'True',
        reason: 'ReadyForNewScale',
        message: 'recommended size matches current size',
      },
    ],
    replicas,
    readyReplicas: replicas,
    usedCores: 0.04,
    measuredPods: 1,
    utilization: 0.2,
    ...changes,
  };
}

function exampleOf(changes: Partial<Example> = {}): Example {
  return {
    name: 'php-apache',
    manifest: {},
    cpuRequestMilli: 200,
    targetPercent: 50,
    minReplicas: 1,
    maxReplicas: 10,
    stabilizationSeconds: 15,
    ...changes,
  };
}

export function sceneOf(changes: Partial<Scene> = {}): Scene {
  return {
    nodes: '3 simulated nodes',
    example: exampleOf(),
    loadTexts: { idle: '0.04 cores', busy: '0.8 cores' },
    remarks: ['Scale-down is stabilized for 15 s here.'],
    commands: ['export KUBECONFIG=/tmp/headroom-cluster-abc123/kubeconfig', 'kubectl top pods'],
    forMs: undefined,
    ...changes,
  };
}
