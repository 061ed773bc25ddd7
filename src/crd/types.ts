// Types only: the one internal form into which autoscaling/v2 HorizontalPodAutoscalers and our HeadroomAutoscalers are read.
// Shapes and words are those of k8s.io/api/autoscaling/v2. Quantities are milli-units (bigint): `100m` -> 100n, `1Ki` -> 1024000n,
// rounded up to whole milli-units as apimachinery's Quantity.MilliValue does.

export type AutoscalerKind = 'HorizontalPodAutoscaler' | 'HeadroomAutoscaler';

/** spec.scaleTargetRef, or the object that an Object metric describes. */
export interface ObjectReference {
  readonly apiVersion: string;
  readonly kind: string;
  readonly name: string;
}

/** A metav1.LabelSelector as written; undefined parts were absent. */
export interface LabelSelectorSpec {
  readonly matchLabels?: Readonly<Record<string, string>> | undefined;
  readonly matchExpressions?:
    | readonly { readonly key: string; readonly operator: string; readonly values?: readonly string[] | undefined }[]
    | undefined;
}

export interface MetricIdentifier {
  readonly name: string;
  readonly selector: LabelSelectorSpec | undefined;
}

/** A MetricTarget. Which field is set decides more often than `type` does (docs/decision-math.md 4). */
export interface MetricTarget {
  readonly type: string;
  readonly valueMilli: bigint | undefined;
  readonly averageValueMilli: bigint | undefined;
  /** Percent of the request. */
  readonly averageUtilization: number | undefined;
  /** The amount was written with a suffix of powers of 1024 (`1Gi`), and is printed with one. Absent: it was not. */
  readonly isBinary?: true;
}

/** One entry of spec.metrics. */
export type MetricSpec =
  | { readonly type: 'Resource'; readonly resource: string; readonly target: MetricTarget }
  | {
      readonly type: 'ContainerResource';
      readonly resource: string;
      readonly container: string;
      readonly target: MetricTarget;
    }
  | { readonly type: 'Pods'; readonly metric: MetricIdentifier; readonly target: MetricTarget }
  | {
      readonly type: 'Object';
      readonly metric: MetricIdentifier;
      readonly describedObject: ObjectReference;
      readonly target: MetricTarget;
    }
  | { readonly type: 'External'; readonly metric: MetricIdentifier; readonly target: MetricTarget }
  /** A type that this version does not know; kept so that the metric fails with upstream's words. */
  | { readonly type: 'Unknown'; readonly name: string };

export interface ScalingPolicy {
  readonly type: string;
  readonly value: number;
  readonly periodSeconds: number;
}

/** One direction of spec.behavior. Defaults are filled in by the API server (HPA) or by the CRD schema and src/crd (HRA). */
export interface ScalingRules {
  /** undefined in scaleDown means --horizontal-pod-autoscaler-downscale-stabilization. */
  readonly stabilizationWindowSeconds: number | undefined;
  readonly selectPolicy: string;
  readonly policies: readonly ScalingPolicy[];
  /** Overrides the global tolerance for this direction; a ratio as f64 (0.1 is 10 %). */
  readonly tolerance: number | undefined;
}

export interface Behavior {
  readonly scaleUp: ScalingRules | undefined;
  readonly scaleDown: ScalingRules | undefined;
}

export interface AutoscalerSpec {
  readonly scaleTargetRef: ObjectReference;
  /** undefined when absent (means 1). */
  readonly minReplicas: number | undefined;
  readonly maxReplicas: number;
  readonly metrics: readonly MetricSpec[];
  readonly behavior: Behavior | undefined;
}

export interface MetricValueStatus {
  readonly valueMilli: bigint | undefined;
  readonly averageValueMilli: bigint | undefined;
  readonly averageUtilization: number | undefined;
}

/** One entry of status.currentMetrics; `Failed` is the hole `{"type":""}` that a failed metric leaves (docs/autoscaling.md 1.5). */
export type MetricStatus =
  | { readonly type: 'Resource'; readonly resource: string; readonly current: MetricValueStatus }
  | {
      readonly type: 'ContainerResource';
      readonly resource: string;
      readonly container: string;
      readonly current: MetricValueStatus;
    }
  | { readonly type: 'Pods'; readonly metric: MetricIdentifier; readonly current: MetricValueStatus }
  | {
      readonly type: 'Object';
      readonly metric: MetricIdentifier;
      readonly describedObject: ObjectReference;
      readonly current: MetricValueStatus;
    }
  | { readonly type: 'External'; readonly metric: MetricIdentifier; readonly current: MetricValueStatus }
  | { readonly type: 'Failed' };

export interface Condition {
  readonly type: string;
  readonly status: 'True' | 'False' | 'Unknown';
  readonly reason: string;
  readonly message: string;
  /** Milliseconds since the epoch, whole seconds on the wire; undefined when null. */
  readonly lastTransitionAtMs: number | undefined;
}

export interface AutoscalerStatus {
  readonly observedGeneration: number | undefined;
  readonly lastScaleAtMs: number | undefined;
  readonly currentReplicas: number;
  readonly desiredReplicas: number;
  /** undefined is null on the wire. */
  readonly currentMetrics: readonly MetricStatus[] | undefined;
  readonly conditions: readonly Condition[];
}

/**
 * The columns of `kubectl get hra` that no JSONPath can compute: the table of an HPA is made by code in the API server, that of a custom resource
 * only picks fields. So the controller writes them as status.reference and status.targets of an HRA; '' until it has.
 */
export interface PrintedColumns {
  /** `Deployment/web`. */
  readonly reference: string;
  /** `cpu: 55%/60%, memory: <unknown>/100Mi`. */
  readonly targets: string;
}

/** An HPA or HRA as the controller sees it. */
export interface Autoscaler {
  readonly kind: AutoscalerKind;
  /** `autoscaling/v2` or `autoscaling.headroom.dev/v1alpha1`. */
  readonly apiVersion: string;
  readonly namespace: string;
  readonly name: string;
  readonly uid: string;
  readonly resourceVersion: string;
  readonly spec: AutoscalerSpec;
  readonly status: AutoscalerStatus;
  /** As found in the object; of meaning for an HRA only. */
  readonly printed?: PrintedColumns;
  /** Who wrote the status and when, from metadata.managedFields: `kube-controller-manager 2026-11-21T15:19:17Z`. Absent: nobody did. */
  readonly statusWriters?: readonly string[];
}
