// Pure: the Go types of an autoscaling/v1 HorizontalPodAutoscaler, and of what it keeps in annotations (k8s.io/api/autoscaling/v1/types.go).
import { int32, int64, list, quantity, type StructType, string, struct, text, time } from './go-type.ts';
import { labelSelector, objectMeta, typeMeta } from './object-meta-type.ts';

const reference = struct('v1.CrossVersionObjectReference', { kind: string, name: string, apiVersion: string });
const resourceName = text('v1.ResourceName');

export const hpaV1: StructType = struct('v1.HorizontalPodAutoscaler', {
  ...typeMeta,
  metadata: objectMeta,
  spec: struct('v1.HorizontalPodAutoscalerSpec', {
    scaleTargetRef: reference,
    minReplicas: int32,
    maxReplicas: int32,
    targetCPUUtilizationPercentage: int32,
  }),
  status: struct('v1.HorizontalPodAutoscalerStatus', {
    observedGeneration: int64,
    lastScaleTime: time,
    currentReplicas: int32,
    desiredReplicas: int32,
    currentCPUUtilizationPercentage: int32,
  }),
});

/** In the annotation autoscaling.alpha.kubernetes.io/metrics: every metric but a target for CPU utilization. */
export const metricsOfAnnotation = list(
  struct('v1.MetricSpec', {
    type: text('v1.MetricSourceType'),
    object: struct('v1.ObjectMetricSource', {
      target: reference,
      metricName: string,
      targetValue: quantity,
      selector: labelSelector,
      averageValue: quantity,
    }),
    pods: struct('v1.PodsMetricSource', { metricName: string, targetAverageValue: quantity, selector: labelSelector }),
    resource: struct('v1.ResourceMetricSource', {
      name: resourceName,
      targetAverageUtilization: int32,
      targetAverageValue: quantity,
    }),
    containerResource: struct('v1.ContainerResourceMetricSource', {
      name: resourceName,
      targetAverageUtilization: int32,
      targetAverageValue: quantity,
      container: string,
    }),
    external: struct('v1.ExternalMetricSource', {
      metricName: string,
      metricSelector: labelSelector,
      targetValue: quantity,
      targetAverageValue: quantity,
    }),
  }),
);

const rules = struct('autoscaling.HPAScalingRules', {
  stabilizationWindowSeconds: int32,
  selectPolicy: text('autoscaling.ScalingPolicySelect'),
  policies: list(
    struct('autoscaling.HPAScalingPolicy', {
      type: text('autoscaling.HPAScalingPolicyType'),
      value: int32,
      periodSeconds: int32,
    }),
  ),
  tolerance: quantity,
});

/** In the annotation autoscaling.alpha.kubernetes.io/behavior. */
export const behaviorOfAnnotation: StructType = struct('autoscaling.HorizontalPodAutoscalerBehavior', {
  scaleUp: rules,
  scaleDown: rules,
});
