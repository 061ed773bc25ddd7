// Builders of observations: everything that decide reads. Valid by default; a test names only what it is about.
import type {
  DecideSettings,
  History,
  MetricReading,
  Observation,
  PodMetric,
  Recommendation,
  ScaleEvent,
} from '../../src/controller/decide/types.ts';
import type {
  Autoscaler,
  AutoscalerSpec,
  AutoscalerStatus,
  Condition,
  LabelSelectorSpec,
  MetricSpec,
  MetricTarget,
  ScalingRules,
} from '../../src/crd/types.ts';
import type { PodTemplateView, PodView, ScaleView } from '../../src/lib/views.ts';

/** The time of every observation: 2023-11-14T22:13:20Z. */
export const nowMs = 1_700_000_000_000;

const second = 1000;
const minute = 60 * second;
const hour = 60 * minute;

/** kube-controller-manager's defaults. */
export function settings(parts: Partial<Omit<DecideSettings, 'featureGates'>> & GateParts = {}): DecideSettings {
  const { gates, ...rest } = parts;
  return {
    tolerance: 0.1,
    downscaleStabilizationMs: 5 * minute,
    cpuInitializationPeriodMs: 5 * minute,
    initialReadinessDelayMs: 30 * second,
    ...rest,
    featureGates: { HPAConfigurableTolerance: true, HPAScaleToZero: false, PodLevelResources: true, ...gates },
  };
}

interface GateParts {
  readonly gates?: Partial<DecideSettings['featureGates']>;
}

/** One container `app` that requests 1 CPU and 1,000 bytes, so that 1m of either is 0.1 % of the request. */
export function template(parts: Partial<PodTemplateView> = {}): PodTemplateView {
  return {
    containers: [{ name: 'app', requestsMilli: { cpu: 1000n, memory: 1000n } }],
    initContainers: [],
    podRequestsMilli: undefined,
    overheadMilli: undefined,
    ...parts,
  };
}

const oneTemplate = template();

/** A pod that has been ready for an hour. */
export function pod(name: string, parts: Partial<PodView> = {}): PodView {
  return {
    namespace: 'ns',
    name,
    labels: { app: 'x' },
    nodeName: 'node-1',
    phase: 'Running',
    deleting: false,
    startedAtMs: nowMs - hour,
    ready: { status: 'True', lastTransitionAtMs: nowMs - hour },
    template: oneTemplate,
    ...parts,
  };
}

/** What the letters of `podsOf` stand for. */
export const podStates = {
  /** Ready for an hour. */
  R: {},
  P: { phase: 'Pending', startedAtMs: undefined, ready: undefined },
  F: { phase: 'Failed' },
  /** Being deleted. */
  D: { deleting: true },
  S: { phase: 'Succeeded', ready: { status: 'False', lastTransitionAtMs: nowMs - hour } },
  /** Never became ready. */
  U: { ready: { status: 'False', lastTransitionAtMs: nowMs - hour + 10 * second } },
  /** Was ready until a minute ago. */
  W: { ready: { status: 'False', lastTransitionAtMs: nowMs - minute } },
  /** Its node is gone. */
  K: { ready: { status: 'Unknown', lastTransitionAtMs: nowMs - minute } },
  /** Started two minutes ago, ready for half a minute: its sample reaches back to before that. */
  H: {
    startedAtMs: nowMs - 2 * minute,
    ready: { status: 'True', lastTransitionAtMs: nowMs - 30 * second },
  },
  /** Started four minutes ago, ready for three. */
  Y: {
    startedAtMs: nowMs - 4 * minute,
    ready: { status: 'True', lastTransitionAtMs: nowMs - 3 * minute },
  },
  N: { ready: undefined },
} as const satisfies Record<string, Partial<PodView>>;

export interface PodsAndMetrics {
  readonly pods: readonly PodView[];
  readonly metrics: ReadonlyMap<string, PodMetric>;
}

/**
 * Pods by state letter and usage in milli-units: `R540 U=- x500 R100*3` is a ready pod, one that never was and has no
 * metric, a metric without pod, and three ready pods. Requests are 1 CPU each.
 */
export function podsOf(text: string): PodsAndMetrics {
  const pods: PodView[] = [];
  const metrics = new Map<string, PodMetric>();
  const tokens = text.split(' ').filter((token) => token !== '');
  for (const token of tokens) {
    const [, letter = '', usage = '', times = '1'] = /^([A-Zx])(=-|-?\d+)(?:\*(\d+))?$/.exec(token) ?? [];
    if (letter === '') throw new Error(`not a pod: ${token}`);
    for (let count = 0; count < Number(times); count++) {
      const name = `${letter.toLowerCase()}-${pods.length + metrics.size}`;
      if (letter !== 'x') pods.push(pod(name, podStates[letter as keyof typeof podStates]));
      if (usage !== '=-') metrics.set(name, podMetric(BigInt(usage)));
    }
  }
  return { pods, metrics };
}

/** A sample of now, over a minute. */
export function podMetric(valueMilli: bigint, parts: Partial<PodMetric> = {}): PodMetric {
  return { valueMilli, timestampMs: nowMs, windowMs: minute, ...parts };
}

export function target(parts: Partial<MetricTarget>): MetricTarget {
  const type =
    parts.averageUtilization !== undefined
      ? 'Utilization'
      : parts.averageValueMilli !== undefined
        ? 'AverageValue'
        : 'Value';
  return { type, valueMilli: undefined, averageValueMilli: undefined, averageUtilization: undefined, ...parts };
}

export function resourceMetric(resource: string, goal: Partial<MetricTarget>): MetricSpec {
  return { type: 'Resource', resource, target: target(goal) };
}

export function containerMetric(resource: string, container: string, goal: Partial<MetricTarget>): MetricSpec {
  return { type: 'ContainerResource', resource, container, target: target(goal) };
}

export function podsMetric(name: string, averageValueMilli: bigint): MetricSpec {
  return { type: 'Pods', metric: { name, selector: undefined }, target: target({ averageValueMilli }) };
}

export function objectMetric(name: string, goal: Partial<MetricTarget>, selector?: LabelSelectorSpec): MetricSpec {
  const describedObject = { apiVersion: 'v1', kind: 'Service', name: 'svc' };
  return { type: 'Object', metric: { name, selector }, describedObject, target: target(goal) };
}

export function externalMetric(name: string, goal: Partial<MetricTarget>, selector?: LabelSelectorSpec): MetricSpec {
  return { type: 'External', metric: { name, selector }, target: target(goal) };
}

export function scalingRules(parts: Partial<ScalingRules>): ScalingRules {
  return { stabilizationWindowSeconds: undefined, selectPolicy: 'Max', policies: [], tolerance: undefined, ...parts };
}

/** What the API server makes of `behavior: {}`. */
export const defaultScaleUp = scalingRules({
  stabilizationWindowSeconds: 0,
  policies: [
    { type: 'Pods', value: 4, periodSeconds: 15 },
    { type: 'Percent', value: 100, periodSeconds: 15 },
  ],
});
export const defaultScaleDown = scalingRules({ policies: [{ type: 'Percent', value: 100, periodSeconds: 15 }] });

export function condition(type: string, status: Condition['status'], parts: Partial<Condition> = {}): Condition {
  return { type, status, reason: 'Before', message: 'before', lastTransitionAtMs: nowMs - hour, ...parts };
}

/** The status of an autoscaler that was never reconciled. */
export function status(parts: Partial<AutoscalerStatus> = {}): AutoscalerStatus {
  return {
    observedGeneration: undefined,
    lastScaleAtMs: undefined,
    currentReplicas: 0,
    desiredReplicas: 0,
    currentMetrics: undefined,
    conditions: [],
    ...parts,
  };
}

export interface ObservationParts {
  /** spec.replicas of the scale, and status.replicas unless that is named too. */
  readonly replicas?: number;
  readonly statusReplicas?: number;
  readonly spec?: Partial<AutoscalerSpec>;
  readonly status?: Partial<AutoscalerStatus>;
  readonly settings?: DecideSettings;
  readonly target?: Observation['target'];
  readonly selector?: Observation['selector'];
  /** As in `podsOf`: the pods, and their values for every metric that has no reading of its own. */
  readonly pods?: string | PodsAndMetrics;
  /** By index of spec.metrics. */
  readonly readings?: readonly (MetricReading | undefined)[];
}

/** HPA ns/h on Deployment/d, 1 to 10 replicas, CPU at 50 % of the request; two pods, on target. */
export function observation(parts: ObservationParts = {}): Observation {
  const { replicas = 2, pods: podParts = 'R500*2' } = parts;
  const { pods, metrics } = typeof podParts === 'string' ? podsOf(podParts) : podParts;
  const spec = autoscalerSpec(parts.spec);
  const scale: ScaleView = {
    resourceVersion: '7',
    uid: 'uid-d',
    specReplicas: replicas,
    statusReplicas: parts.statusReplicas ?? replicas,
    selector: 'app=x',
  };
  return {
    autoscaler: autoscalerOf(spec, status(parts.status)),
    settings: parts.settings ?? settings(),
    target: parts.target ?? { kind: 'found', scale },
    selector: parts.selector ?? { kind: 'ok' },
    pods,
    readings: spec.metrics.map((_, index) => parts.readings?.[index] ?? { kind: 'pods', metrics }),
  };
}

function autoscalerSpec(parts: Partial<AutoscalerSpec> = {}): AutoscalerSpec {
  return {
    scaleTargetRef: { apiVersion: 'apps/v1', kind: 'Deployment', name: 'd' },
    minReplicas: 1,
    maxReplicas: 10,
    metrics: [resourceMetric('cpu', { averageUtilization: 50 })],
    behavior: undefined,
    ...parts,
  };
}

function autoscalerOf(spec: AutoscalerSpec, status: AutoscalerStatus): Autoscaler {
  return {
    kind: 'HorizontalPodAutoscaler',
    apiVersion: 'autoscaling/v2',
    namespace: 'ns',
    name: 'h',
    uid: 'uid-h',
    resourceVersion: '1',
    spec,
    status,
  };
}

/** Recommendations as `10@400 6@200`: replicas and age in seconds. */
export function recommendations(text: string): readonly Recommendation[] {
  return parseAged(text).map(([replicas, ageSeconds]) => ({ replicas, atMs: nowMs - ageSeconds * second }));
}

/** Scale events as `4@10`: change and age in seconds. */
function scaleEvents(text: string): readonly ScaleEvent[] {
  return parseAged(text).map(([replicaChange, ageSeconds]) => ({
    replicaChange,
    atMs: nowMs - ageSeconds * second,
    outdated: false,
  }));
}

function parseAged(text: string): readonly (readonly [number, number])[] {
  const tokens = text.split(' ').filter((token) => token !== '');
  return tokens.map((token) => {
    const [value = '', age = ''] = token.split('@');
    return [Number(value), Number(age)];
  });
}

export function history(parts: { recommendations?: string; scaleUps?: string; scaleDowns?: string } = {}): History {
  return {
    recommendations: recommendations(parts.recommendations ?? ''),
    scaleUpEvents: scaleEvents(parts.scaleUps ?? ''),
    scaleDownEvents: scaleEvents(parts.scaleDowns ?? ''),
  };
}

/** The inverse of `recommendations`. */
export function formatRecommendations(list: readonly Recommendation[]): string {
  return list.map(({ replicas, atMs }) => `${replicas}@${(nowMs - atMs) / second}`).join(' ');
}
