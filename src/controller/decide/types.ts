// Types only: what a decision is made of. Observation (everything that was read) + History (what must be remembered) -> Decision (with its working).
import type { Autoscaler, AutoscalerStatus, Condition, MetricStatus } from '../../crd/types.ts';
import type { PodView, ScaleView } from '../../lib/views.ts';

/** The flags of kube-controller-manager that shape decisions. */
export interface DecideSettings {
  /** --horizontal-pod-autoscaler-tolerance; 0.1 is 10 %. */
  readonly tolerance: number;
  /** --horizontal-pod-autoscaler-downscale-stabilization. */
  readonly downscaleStabilizationMs: number;
  /** --horizontal-pod-autoscaler-cpu-initialization-period. */
  readonly cpuInitializationPeriodMs: number;
  /** --horizontal-pod-autoscaler-initial-readiness-delay. */
  readonly initialReadinessDelayMs: number;
  readonly featureGates: {
    readonly HPAConfigurableTolerance: boolean;
    readonly HPAScaleToZero: boolean;
    readonly PodLevelResources: boolean;
  };
}

/** The scale of the target, or why it could not be read. `message` is the API's or mapper's error text (H-14..H-16). */
export type TargetObservation =
  | { readonly kind: 'found'; readonly scale: ScaleView }
  | {
      readonly kind: 'failed';
      readonly stage: 'parse-api-version' | 'map-kind' | 'get-scale';
      readonly message: string;
    };

/** What the selector check found (H-42..H-44). `refused` is ours: an HPA and an HRA name the same target. */
export type SelectorObservation =
  | { readonly kind: 'ok' }
  | { readonly kind: 'missing' }
  | { readonly kind: 'invalid'; readonly message: string }
  | { readonly kind: 'ambiguous'; readonly autoscalers: readonly string[] }
  | { readonly kind: 'refused'; readonly message: string };

/** One pod's value of one metric. */
export interface PodMetric {
  /** Milli-units: cpu in milli-cores, memory in bytes x 1000. */
  readonly valueMilli: bigint;
  /** Whole seconds of the sample's time, in milliseconds: what the Metrics API would have said. */
  readonly timestampMs: number;
  readonly windowMs: number;
}

/** What was read for one entry of spec.metrics, in its order. */
export type MetricReading =
  /** Resource, ContainerResource, Pods: values by pod name; may be empty, may hold names that are not in `pods`. */
  | { readonly kind: 'pods'; readonly metrics: ReadonlyMap<string, PodMetric> }
  | { readonly kind: 'object'; readonly valueMilli: bigint }
  | { readonly kind: 'external'; readonly valuesMilli: readonly bigint[] }
  /**
   * The E text of step 4.12: why the metric could not be read. `stage: 'selector'`: nothing was asked for, because the
   * metric's own selector is invalid; then `message` is the selector's error alone.
   */
  | { readonly kind: 'failed'; readonly message: string; readonly stage?: 'fetch' | 'selector' };

/** All inputs of one decision. */
export interface Observation {
  readonly autoscaler: Autoscaler;
  readonly settings: DecideSettings;
  readonly target: TargetObservation;
  readonly selector: SelectorObservation;
  /** Pods of the autoscaler's namespace whose labels match the selector, any phase. */
  readonly pods: readonly PodView[];
  /** One per spec.metrics; empty when the target or selector failed. */
  readonly readings: readonly MetricReading[];
}

/** A past recommendation: the raw desired replicas before stabilization and limits. */
export interface Recommendation {
  readonly replicas: number;
  readonly atMs: number;
}

/** A past change of replicas made by this autoscaler. */
export interface ScaleEvent {
  readonly replicaChange: number;
  readonly atMs: number;
  readonly outdated: boolean;
}

/** What is remembered of one autoscaler between decisions. Immutable: a decision returns the next one. */
export interface History {
  readonly recommendations: readonly Recommendation[];
  readonly scaleUpEvents: readonly ScaleEvent[];
  readonly scaleDownEvents: readonly ScaleEvent[];
}

/** What a pod counts as, for metrics that are per pod (step 4.2). */
export type PodGroup = 'ready' | 'unready' | 'missing' | 'ignored';

/** The rule of step 4.2 that put a pod into its group. */
export type PodRule =
  | 'deleting'
  | 'failed'
  | 'pending'
  | 'no-metric'
  | 'no-ready-condition'
  | 'initializing'
  | 'never-ready'
  | 'ready';

/** How a pod was classed, and by which rule of docs/decision-math.md. */
export interface PodWorking {
  readonly pod: string;
  readonly group: PodGroup;
  readonly rule: PodRule;
  readonly usageMilli: bigint | undefined;
  readonly requestMilli: bigint | undefined;
}

/** Which rule of step 4 turned the usage ratio into replicas. */
export type ProposalRule =
  /** The ratio lies within the tolerance band: replicas stay (current, or status replicas for an AverageValue of an object). */
  | 'within-tolerance'
  /** Ratio x ready pods. */
  | 'ready-pods'
  /** Ratio with missing and unready pods filled in x all pods counted. */
  | 'all-pods'
  /** Filling in turned the ratio around 1: replicas stay. */
  | 'ratio-turned'
  /** The replicas would go against the ratio: replicas stay. */
  | 'replicas-turned'
  /** Usage over target alone: an AverageValue of an object, or a scale from zero. */
  | 'usage-over-target';

/** The working of one metric: from readings to proposed replicas. */
export interface MetricWorking {
  /** Name used in conditions and events: `cpu resource utilization (percentage of request)`. */
  readonly name: string;
  readonly outcome:
    | { readonly kind: 'proposal'; readonly replicas: number; readonly status: MetricStatus }
    /** `reason` FailedGet…; `inner` for event and condition; `outer` for the summary (H-87). */
    | { readonly kind: 'failed'; readonly reason: string; readonly inner: string; readonly outer: string };
  readonly pods: readonly PodWorking[];
  readonly sumUsageMilli: bigint | undefined;
  readonly sumRequestMilli: bigint | undefined;
  /** Usage over target before and after missing and unready pods were filled in; undefined when not computed. */
  readonly usageRatio: number | undefined;
  readonly adjustedRatio: number | undefined;
  readonly toleranceBand: { readonly from: number; readonly to: number } | undefined;
  /** Which rule gave the proposal; undefined when the metric failed. */
  readonly rule: ProposalRule | undefined;
  /** What the ratio was multiplied with: ready pods, or all pods counted. undefined when it was not multiplied. */
  readonly multiplier: number | undefined;
  /** Values whose name is none of the pods (step 4.6); 0 for metrics that are not per pod. */
  readonly strayMetrics: number;
}

/** Which way the decision went. */
export type DecisionKind =
  /** The target's scale could not be read. */
  | 'target-failed'
  /** Replicas are 0: autoscaling is disabled. */
  | 'disabled'
  /** The selector is missing, invalid, ambiguous or refused. */
  | 'selector-failed'
  /** No metric, or not enough of them, could be computed. */
  | 'metrics-failed'
  /** Replicas stay. */
  | 'hold'
  /** Replicas change to `desiredReplicas`. */
  | 'scale';

/** The event texts a decision asks for; the object is added when published. */
export interface DecisionEvent {
  readonly type: 'Normal' | 'Warning';
  readonly reason: string;
  readonly message: string;
}

/** What decide says, with its working. Status, conditions, events and logs read this; none derives it again. */
export interface Decision {
  readonly kind: DecisionKind;
  readonly atMs: number;
  readonly currentReplicas: number;
  /** After stabilization and limits; equals currentReplicas unless kind is 'scale'. */
  readonly desiredReplicas: number;
  /** As in the SuccessfulRescale event (H-24). */
  readonly rescaleReason: string;
  /** Index into `metrics` of the metric that won; undefined when none took part. With `metrics-failed`: the one that would have won. */
  readonly winner: number | undefined;
  readonly metrics: readonly MetricWorking[];
  /** The winning proposal before stabilization. */
  readonly proposedReplicas: number | undefined;
  readonly stabilization:
    | {
        readonly replicas: number;
        readonly reason: 'ReadyForNewScale' | 'ScaleUpStabilized' | 'ScaleDownStabilized';
        /** The recommendation that held the replicas, and when it leaves its window. */
        readonly heldBy: Recommendation | undefined;
        readonly heldUntilMs: number | undefined;
      }
    | undefined;
  readonly limits:
    | {
        readonly reason:
          | 'DesiredWithinRange'
          | 'TooFewReplicas'
          | 'TooManyReplicas'
          | 'ScaleUpLimit'
          | 'ScaleDownLimit';
        /** The lowest and highest replicas that bounds and policies allowed now. */
        readonly lowest: number;
        readonly highest: number;
      }
    | undefined;
  /** Conditions as they stand before the scale is written, in order. */
  readonly conditions: readonly Condition[];
  /** Events to publish before the scale is written, in order. */
  readonly events: readonly DecisionEvent[];
  /** Status to write when `kind` is not 'scale'. For 'scale' it is what is known before the write; settle makes the one to write. */
  readonly status: AutoscalerStatus;
  /** The error of this sync that belongs into the log, if any: returned by upstream's reconcile. */
  readonly error: string | undefined;
  /** History after this decision (recommendations recorded; scale events only after the write succeeded, see settle). */
  readonly history: History;
}

/** What became of the write of the scale. */
export type ScaleOutcome = { readonly kind: 'succeeded' } | { readonly kind: 'failed'; readonly message: string };

/** The end of a decision of kind 'scale': pure function of decision and outcome. */
export interface Settlement {
  readonly status: AutoscalerStatus;
  readonly events: readonly DecisionEvent[];
  readonly history: History;
  readonly error: string | undefined;
}
