// Edge: values of Pods, Object and External metrics, from custom.metrics.k8s.io and external.metrics.k8s.io through the API server.
// docs/autoscaling.md 2.5; requests and errors are those of k8s.io/metrics pkg/client and k8s.io/kubernetes pkg/controller/podautoscaler/metrics.
import { JsonNode } from '../crd/json-node.ts';
import type { LabelSelectorSpec, MetricSpec, ObjectReference } from '../crd/types.ts';
import { parseGroupVersion } from '../kube/group-version.ts';
import type { RestMapper } from '../kube/rest-mapper.ts';
import type { ApiClient } from '../kube/types.ts';
import type { Clock } from '../lib/clock.ts';
import { errorMessage } from '../lib/errors.ts';
import { everything, labelSelectorFromSpec } from '../lib/label-selector.ts';
import { parseQuantityMilli } from '../lib/quantity.ts';
import { parseTimeMs } from '../lib/time.ts';
import type { LabelMatcher } from '../lib/views.ts';
import { createCustomMetricsVersion, customMetricsGroup } from './custom-metrics-version.ts';
import { formatSelectorDebug } from './decide/metric-names.ts';
import type { MetricReading, PodMetric } from './decide/types.ts';

export interface CustomMetricsDeps {
  readonly api: ApiClient;
  readonly mapper: RestMapper;
  readonly clock: Clock;
  /** How long the discovered version of custom.metrics.k8s.io is believed: the sync period. */
  readonly discoveryMaxAgeMs: number;
}

export type ApiMetricSpec = Extract<MetricSpec, { readonly type: 'Pods' | 'Object' | 'External' }>;

export interface CustomMetrics {
  /** Never throws: a failure is a reading. `podSelector` is that of the target's scale. */
  read(namespace: string, spec: ApiMetricSpec, podSelector: LabelMatcher, signal?: AbortSignal): Promise<MetricReading>;
}

const externalPath = '/apis/external.metrics.k8s.io/v1beta1';
const defaultWindowSeconds = 60;
/**
 * Upstream sets no limit of its own: what ends its waiting is the API server's --request-timeout, a minute by default, and its answer. Ours is longer,
 * for the words of that answer, and for providers that take more than half a minute.
 */
const metricDeadlineMs = 75_000;

export function createCustomMetrics(deps: CustomMetricsDeps): CustomMetrics {
  const { api, clock, mapper, discoveryMaxAgeMs } = deps;
  const version = createCustomMetricsVersion({ api, clock, maxAgeMs: discoveryMaxAgeMs });
  const customPath = async (signal?: AbortSignal): Promise<string> =>
    `/apis/${customMetricsGroup}/${await version(signal)}`;
  const source: Source = { api, mapper, customPath };
  return {
    read: async (namespace, spec, pods, signal) => {
      const metric = selectorOf(spec.metric.selector);
      if (typeof metric === 'string') return { kind: 'failed', stage: 'selector', message: metric };
      try {
        return await readSpec(source, spec, { namespace, pods, metric }, signal);
      } catch (error) {
        return { kind: 'failed', stage: 'fetch', message: describeFailure(namespace, spec, error) };
      }
    },
  };
}

interface Source extends Pick<CustomMetricsDeps, 'api' | 'mapper'> {
  /** `/apis/custom.metrics.k8s.io/v1beta2`. */
  readonly customPath: (signal?: AbortSignal) => Promise<string>;
}

/** Where a metric is looked for, and for which pods and series. */
interface Scope {
  readonly namespace: string;
  readonly pods: LabelMatcher;
  readonly metric: LabelMatcher;
}

function readSpec(source: Source, spec: ApiMetricSpec, scope: Scope, signal?: AbortSignal): Promise<MetricReading> {
  if (spec.type === 'Object') return readObject(source, spec, scope, signal);
  if (spec.type === 'External') return readExternal(source, spec.metric.name, scope, signal);
  return readPods(source, spec.metric.name, scope, signal);
}

async function readPods(source: Source, name: string, scope: Scope, signal?: AbortSignal): Promise<MetricReading> {
  const path = `${await source.customPath(signal)}/namespaces/${scope.namespace}/pods/%2A/${encodeURIComponent(name)}`;
  const query = { labelSelector: scope.pods.toString(), metricLabelSelector: scope.metric.toString() };
  const items = await listItems(source.api, path, query, signal);
  if (items.length === 0) throw new NoMetrics('custom');
  return { kind: 'pods', metrics: new Map(items.map(readPodItem)) };
}

async function readObject(
  source: Source,
  { metric, describedObject }: Extract<ApiMetricSpec, { readonly type: 'Object' }>,
  scope: Scope,
  signal?: AbortSignal,
): Promise<MetricReading> {
  const version = await source.customPath(signal);
  const object = await objectPath(source.mapper, describedObject, signal);
  const path = `${version}/namespaces/${scope.namespace}/${object}/${encodeURIComponent(metric.name)}`;
  const items = await listItems(source.api, path, { metricLabelSelector: scope.metric.toString() }, signal);
  const [item] = items;
  if (item === undefined || items.length > 1) {
    throw new Error(`the custom metrics API server returned ${items.length} results when we asked for exactly one`);
  }
  return { kind: 'object', valueMilli: valueOf(item) };
}

async function readExternal(source: Source, name: string, scope: Scope, signal?: AbortSignal): Promise<MetricReading> {
  const path = `${externalPath}/namespaces/${scope.namespace}/${encodeURIComponent(name)}`;
  const items = await listItems(source.api, path, { labelSelector: scope.metric.toString() }, signal);
  if (items.length === 0) throw new NoMetrics('external');
  return { kind: 'external', valuesMilli: items.map(valueOf) };
}

/** Empty parameters are left out. */
async function listItems(
  api: ApiClient,
  path: string,
  query: Readonly<Record<string, string>>,
  signal?: AbortSignal,
): Promise<readonly JsonNode[]> {
  const given = Object.fromEntries(Object.entries(query).filter(([, value]) => value !== ''));
  const answer = await api.request({ method: 'GET', path, query: given, signal, deadlineMs: metricDeadlineMs });
  return new JsonNode(answer).get('items').items();
}

/** An answer without a single value. */
class NoMetrics extends Error {
  constructor(api: 'custom' | 'external') {
    super(`no metrics returned from ${api} metrics API`);
  }
}

/** The part of the path that names the object. Of a Namespace the name is not used: the autoscaler's own is meant. */
async function objectPath(
  mapper: RestMapper,
  { apiVersion, kind, name }: ObjectReference,
  signal?: AbortSignal,
): Promise<string> {
  // client-go takes what is no apiVersion for none.
  const group = parseGroupVersion(apiVersion)?.group ?? '';
  if (kind === 'Namespace' && group === '') return 'metrics';
  const resource = await mapper.resourceFor(kind, group, signal).catch((error: unknown) => {
    const groupKind = group === '' ? kind : `${kind}.${group}`;
    throw new Error(`unable to map kind ${groupKind} to resource: ${errorMessage(error)}`, { cause: error });
  });
  const groupResource = resource.group === '' ? resource.resource : `${resource.resource}.${resource.group}`;
  return `${groupResource}/${encodeURIComponent(name)}`;
}

function readPodItem(item: JsonNode): readonly [string, PodMetric] {
  // v1beta2 says windowSeconds, v1beta1 window.
  const windowSeconds = item.get('windowSeconds').optionalInteger() ?? item.get('window').optionalInteger();
  return [
    item.get('describedObject').get('name').text(),
    {
      valueMilli: valueOf(item),
      timestampMs: parseTimeMs(item.get('timestamp').optionalText()) ?? 0,
      windowMs: (windowSeconds ?? defaultWindowSeconds) * 1000,
    },
  ];
}

function valueOf(item: JsonNode): bigint {
  return item.get('value').optionalQuantity(parseQuantityMilli) ?? 0n;
}

/** The selector of a metric, none meaning all series; the text of the error when it is invalid. */
function selectorOf(spec: LabelSelectorSpec | undefined): LabelMatcher | string {
  if (spec === undefined) return everything;
  try {
    return labelSelectorFromSpec(spec);
  } catch (error) {
    return errorMessage(error);
  }
}

/** In upstream's words; those for an Object really have their parts in that order. */
function describeFailure(namespace: string, spec: ApiMetricSpec, error: unknown): string {
  const { name, selector } = spec.metric;
  const api = spec.type === 'External' ? 'external' : 'custom';
  const cause =
    error instanceof NoMetrics
      ? error.message
      : `unable to fetch metrics from ${api} metrics API: ${errorMessage(error)}`;
  switch (spec.type) {
    case 'Pods':
      return `unable to get metric ${name}: ${cause}`;
    case 'Object':
      return `unable to get metric ${name}: ${spec.describedObject.kind} on ${namespace} ${spec.describedObject.name}/${cause}`;
    case 'External':
      return `unable to get external metric ${namespace}/${name}/${formatSelectorDebug(selector)}: ${cause}`;
  }
}
