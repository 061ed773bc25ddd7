// Pure: the controller's own decision, rehearsed with one healthy pod and a value for every metric. What fails now fails always, in these words.

import { metricFailed } from '../../controller/decide/conditions.ts';
import type { ProposalContext } from '../../controller/decide/metric-workings.ts';
import { proposeForMetric } from '../../controller/decide/proposals.ts';
import type { MetricReading } from '../../controller/decide/types.ts';
import type { MetricSpec } from '../../crd/types.ts';
import { labelSelectorFromSpec, SelectorError } from '../../lib/label-selector.ts';
import type { PodTemplateView, PodView } from '../../lib/views.ts';
import { conditionText } from './condition-text.ts';
import type { ValidAutoscaler, Warning } from './types.ts';

const nowMs = 3_600_000;
const oneMilli = 1000n;

/** A warning for each metric that cannot work, whatever is measured. */
export function rehearseMetrics(valid: ValidAutoscaler): Warning[] {
  const { object, fields, autoscaler } = valid;
  const podName = `${autoscaler.spec.scaleTargetRef.name}-*`;
  const items = fields.descend('spec', 'metrics').items();
  return autoscaler.spec.metrics.flatMap((spec, index): Warning[] => {
    const metric = items[index];
    const { outcome } = proposeForMetric(spec, readingOf(spec, podName), contextOf(valid, spec, podName));
    if (metric === undefined || outcome.kind !== 'failed') return [];
    return [
      {
        object,
        field: metric.path,
        at: metric.at,
        message: conditionText(metricFailed(outcome.reason, outcome.inner)),
        advice: adviceFor(outcome.inner),
      },
    ];
  });
}

function adviceFor(error: string): string {
  if (error.includes('missing request') || error.includes('missing pod-level request')) {
    return 'set resources.requests in the pod template, or use averageValue; a LimitRange of the namespace may set requests too';
  }
  if (error.includes('not found in Pod')) return 'name a container or sidecar of the pod template';
  if (error.includes('no metrics returned from resource metrics API')) {
    return 'use cpu or memory: the Metrics API serves no other resource';
  }
  if (error.includes('metric source: neither')) return 'make target.type agree with the amount that is set';
  return 'mend the selector of the metric';
}

function contextOf({ autoscaler, workload }: ValidAutoscaler, spec: MetricSpec, podName: string): ProposalContext {
  const { namespace } = autoscaler;
  const template = workload?.template ?? templateFor(spec);
  return {
    pods: [podOf(namespace, podName, template)],
    currentReplicas: 1,
    statusReplicas: 1,
    band: { from: 1, to: 1 },
    settings: {
      tolerance: 0,
      downscaleStabilizationMs: 0,
      cpuInitializationPeriodMs: 0,
      initialReadinessDelayMs: 0,
      featureGates: { HPAConfigurableTolerance: true, HPAScaleToZero: true, PodLevelResources: true },
    },
    nowMs,
  };
}

/** Nothing is known of the pods: they have what the metric needs. */
function templateFor(spec: MetricSpec): PodTemplateView {
  const name = spec.type === 'ContainerResource' ? spec.container : 'app';
  const requestsMilli = 'resource' in spec ? { [spec.resource]: oneMilli } : {};
  return {
    containers: [{ name, requestsMilli }],
    initContainers: [],
    podRequestsMilli: undefined,
    overheadMilli: undefined,
  };
}

function podOf(namespace: string, name: string, template: PodTemplateView): PodView {
  return {
    namespace,
    name,
    labels: {},
    nodeName: '',
    phase: 'Running',
    deleting: false,
    startedAtMs: 0,
    ready: { status: 'True', lastTransitionAtMs: 0 },
    template,
  };
}

function readingOf(spec: MetricSpec, podName: string): MetricReading {
  switch (spec.type) {
    case 'Resource':
    case 'ContainerResource':
      return spec.resource === 'cpu' || spec.resource === 'memory'
        ? podReading(podName)
        : {
            kind: 'failed',
            message: `unable to get metrics for resource ${spec.resource}: no metrics returned from resource metrics API`,
          };
    case 'Pods':
      return selectorError(spec) ?? podReading(podName);
    case 'Object':
      return selectorError(spec) ?? { kind: 'object', valueMilli: oneMilli };
    case 'External':
      return selectorError(spec) ?? { kind: 'external', valuesMilli: [oneMilli] };
    case 'Unknown':
      return podReading(podName);
  }
}

function podReading(podName: string): MetricReading {
  const metrics = new Map([[podName, { valueMilli: oneMilli, timestampMs: nowMs, windowMs: 1000 }]]);
  return { kind: 'pods', metrics };
}

function selectorError({ metric }: Extract<MetricSpec, { metric: unknown }>): MetricReading | undefined {
  try {
    labelSelectorFromSpec(metric.selector);
    return undefined;
  } catch (error) {
    if (error instanceof SelectorError) return { kind: 'failed', stage: 'selector', message: error.message };
    throw error;
  }
}
