// Pure: the Go types of an autoscaling/v2 HorizontalPodAutoscaler (k8s.io/api/autoscaling/v2/types.go).
import { type GoType, int32, int64, list, quantity, type StructType, string, struct, text, time } from './go-type.ts';
import { labelSelector, objectMeta, typeMeta } from './object-meta-type.ts';

const reference = struct('v2.CrossVersionObjectReference', { kind: string, name: string, apiVersion: string });
const identifier = struct('v2.MetricIdentifier', { name: string, selector: labelSelector });
const resourceName = text('v1.ResourceName');

/** The five sources of a metric, of a spec or of a status; `amount` is what was wanted or measured. */
function sources(suffix: 'Source' | 'Status', amount: Readonly<Record<string, GoType>>): Record<string, GoType> {
  const source = (name: string, fields: Readonly<Record<string, GoType>>): GoType =>
    struct(`v2.${name}Metric${suffix}`, { ...fields, ...amount });
  return {
    object: source('Object', { describedObject: reference, metric: identifier }),
    pods: source('Pods', { metric: identifier }),
    resource: source('Resource', { name: resourceName }),
    containerResource: source('ContainerResource', { name: resourceName, container: string }),
    external: source('External', { metric: identifier }),
  };
}

const amounts = { value: quantity, averageValue: quantity, averageUtilization: int32 } as const;
const target = struct('v2.MetricTarget', { type: text('v2.MetricTargetType'), ...amounts });
const current = struct('v2.MetricValueStatus', amounts);
const metricType = text('v2.MetricSourceType');

const rules = struct('v2.HPAScalingRules', {
  stabilizationWindowSeconds: int32,
  selectPolicy: text('v2.ScalingPolicySelect'),
  policies: list(
    struct('v2.HPAScalingPolicy', { type: text('v2.HPAScalingPolicyType'), value: int32, periodSeconds: int32 }),
  ),
  tolerance: quantity,
});

const condition = struct('v2.HorizontalPodAutoscalerCondition', {
  type: text('v2.HorizontalPodAutoscalerConditionType'),
  status: text('v1.ConditionStatus'),
  lastTransitionTime: time,
  reason: string,
  message: string,
});

export const hpaV2: StructType = struct('v2.HorizontalPodAutoscaler', {
  ...typeMeta,
  metadata: objectMeta,
  spec: struct('v2.HorizontalPodAutoscalerSpec', {
    scaleTargetRef: reference,
    minReplicas: int32,
    maxReplicas: int32,
    metrics: list(struct('v2.MetricSpec', { type: metricType, ...sources('Source', { target }) })),
    behavior: struct('v2.HorizontalPodAutoscalerBehavior', { scaleUp: rules, scaleDown: rules }),
  }),
  status: struct('v2.HorizontalPodAutoscalerStatus', {
    observedGeneration: int64,
    lastScaleTime: time,
    currentReplicas: int32,
    desiredReplicas: int32,
    currentMetrics: list(struct('v2.MetricStatus', { type: metricType, ...sources('Status', { current }) })),
    conditions: list(condition),
  }),
});
