// Reads test/parity/vectors/decisions.json, what the real controller did, into observations and expectations.
import { readFileSync } from 'node:fs';
import type { MetricReading, Observation, PodMetric } from '../../src/controller/decide/types.ts';
import { parseAutoscaler } from '../../src/crd/parse.ts';
import type { Autoscaler, AutoscalerStatus } from '../../src/crd/types.ts';
import type { ContainerRequests, PodTemplateView, PodView } from '../../src/lib/views.ts';
import { settings } from './observation-builders.ts';

type Amounts = Readonly<Record<string, string>>;

interface ContainerJson {
  readonly name: string;
  readonly requests: Amounts;
  readonly always?: boolean;
}

interface TemplateJson {
  readonly containers: readonly ContainerJson[];
  readonly init?: readonly ContainerJson[];
  readonly pod?: Amounts;
  readonly overhead?: Amounts;
}

/** Name, phase, deleting, started (s), Ready status, Ready transition (s), index of the template. */
interface PodJson {
  readonly n: string;
  readonly p: string;
  readonly d?: boolean;
  readonly s?: number;
  readonly r?: 'True' | 'False' | 'Unknown';
  readonly a?: number;
  readonly t: number;
}

interface ReadingJson {
  readonly pods?: Readonly<Record<string, readonly [value: string, timestampSeconds: string, windowSeconds: string]>>;
  readonly object?: string;
  readonly external?: readonly string[];
  readonly failed?: string;
  readonly stage?: 'selector';
}

interface TargetJson {
  readonly stage?: 'parse-api-version' | 'map-kind' | 'get-scale';
  readonly message?: string;
  readonly spec: number;
  readonly status: number;
  readonly selector: string;
  readonly check: 'ok' | 'missing' | 'invalid' | 'ambiguous';
  readonly checkMessage?: string;
}

export interface VectorStep {
  /** Seconds since the epoch. */
  readonly at: number;
  readonly target: TargetJson;
  readonly pods?: readonly PodJson[];
  readonly readings: readonly ReadingJson[];
  readonly putError?: string;
  readonly expected: {
    readonly put?: number;
    /** Absent: the status was not written. */
    readonly status?: unknown;
    /** `Type|Reason|Message`. */
    readonly events?: readonly string[];
    readonly error?: string;
  };
}

export interface VectorCase {
  readonly gates: Readonly<Record<string, boolean>>;
  readonly spec: unknown;
  readonly status: unknown;
  readonly templates: readonly TemplateJson[];
  readonly steps: readonly VectorStep[];
}

export function readVectors(file: URL): readonly VectorCase[] {
  return (JSON.parse(readFileSync(file, 'utf8')) as { cases: readonly VectorCase[] }).cases;
}

export function autoscalerOf({ spec }: VectorCase, status: unknown): Autoscaler {
  return parseAutoscaler({ metadata: { namespace: 'ns', name: 'h' }, spec, status }, 'HorizontalPodAutoscaler');
}

/**
 * The status that was written, with exact amounts: as spec value the smallest int64 reads as 0, but the controller compares
 * what it wrote with what it computes, number for number.
 */
export function statusOf(one: VectorCase, json: unknown): AutoscalerStatus {
  const { status } = autoscalerOf(one, json);
  const smallest = -(2n ** 63n);
  const written = (json as { currentMetrics: readonly unknown[] | null }).currentMetrics ?? [];
  const currentMetrics = status.currentMetrics?.map((metric, index) => {
    const isSmallest = JSON.stringify(written[index]).includes(`"averageValue":"${smallest}m"`);
    return isSmallest && metric.type !== 'Failed'
      ? { ...metric, current: { ...metric.current, averageValueMilli: smallest } }
      : metric;
  });
  return { ...status, currentMetrics };
}

export function templatesOf({ templates }: VectorCase): readonly PodTemplateView[] {
  return templates.map(({ containers, init = [], pod, overhead }) => ({
    containers: containers.map(container),
    initContainers: init.map((one) => ({ ...container(one), restartPolicyAlways: one.always === true })),
    podRequestsMilli: pod === undefined ? undefined : amounts(pod),
    overheadMilli: overhead === undefined ? undefined : amounts(overhead),
  }));
}

function container({ name, requests }: ContainerJson): ContainerRequests {
  return { name, requestsMilli: amounts(requests) };
}

function amounts(json: Amounts): Readonly<Record<string, bigint>> {
  return Object.fromEntries(Object.entries(json).map(([name, value]) => [name, BigInt(value)]));
}

/** `status`: what the steps before left. */
export function observationOf(
  one: VectorCase,
  step: VectorStep,
  templates: readonly PodTemplateView[],
  status: AutoscalerStatus,
): Observation {
  const { target, pods = [], readings } = step;
  return {
    autoscaler: { ...autoscalerOf(one, undefined), status },
    settings: settings({ gates: one.gates }),
    target: observeTarget(target),
    selector: observeSelector(target),
    pods: pods.map((json) => podOf(json, templates)),
    readings: readings.map(readingOf),
  };
}

function observeTarget(target: TargetJson): Observation['target'] {
  const { stage, message = '' } = target;
  if (stage !== undefined) return { kind: 'failed', stage, message };
  const scale = { resourceVersion: '', uid: '', specReplicas: target.spec, statusReplicas: target.status };
  return { kind: 'found', scale: { ...scale, selector: target.selector } };
}

function observeSelector({ check, checkMessage = '' }: TargetJson): Observation['selector'] {
  switch (check) {
    case 'ok':
    case 'missing':
      return { kind: check };
    case 'invalid':
      return { kind: check, message: checkMessage };
    case 'ambiguous':
      return { kind: check, autoscalers: ['ns/other', 'ns/h'] };
  }
}

function podOf(json: PodJson, templates: readonly PodTemplateView[]): PodView {
  const template = templates[json.t];
  if (template === undefined) throw new Error(`no template ${json.t}`);
  return {
    namespace: 'ns',
    name: json.n,
    labels: {},
    nodeName: '',
    phase: json.p,
    deleting: json.d === true,
    startedAtMs: json.s === undefined ? undefined : json.s * 1000,
    ready: json.r === undefined ? undefined : { status: json.r, lastTransitionAtMs: (json.a ?? 0) * 1000 },
    template,
  };
}

function readingOf(json: ReadingJson): MetricReading {
  if (json.failed !== undefined) {
    return { kind: 'failed', message: json.failed, stage: json.stage ?? 'fetch' };
  }
  if (json.object !== undefined) return { kind: 'object', valueMilli: BigInt(json.object) };
  if (json.external !== undefined) return { kind: 'external', valuesMilli: json.external.map(BigInt) };
  const metrics = new Map<string, PodMetric>();
  for (const [name, [value, timestamp, window]] of Object.entries(json.pods ?? {})) {
    metrics.set(name, {
      valueMilli: BigInt(value),
      timestampMs: Number(timestamp) * 1000,
      windowMs: Number(window) * 1000,
    });
  }
  return { kind: 'pods', metrics };
}
