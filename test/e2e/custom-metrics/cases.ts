// Pure: autoscalers with metrics from the custom and external metrics APIs, what these answer, and what comes of it. Each has a Deployment, two ready
// pods and a metric of its own name.
import type { ObjectValue } from '../../cluster/custom-metrics-adapter.ts';
import type { Fault } from '../../cluster/metrics-front.ts';

type Labels = Readonly<Record<string, string>>;

export interface MetricCase {
  readonly name: string;
  readonly metrics: readonly object[];
  readonly values: {
    /** Of the metric, by pod; undefined leaves it out. */
    readonly pods?: readonly (string | undefined)[];
    readonly object?: Pick<ObjectValue, 'resource' | 'name' | 'value'>;
    readonly external?: readonly { readonly value: string; readonly labels?: Labels }[];
    /** Of pods and objects. */
    readonly labels?: Labels;
  };
  readonly fault?: Fault;
  readonly expected: {
    readonly replicas: number;
    /** Of the condition ScalingActive. */
    readonly reason: string;
  };
}

/** How many replicas each target has before. */
export const replicasBefore = 2;
export const podsPerTarget = 2;
export const maxReplicas = 10;

type Selector = object | undefined;
type Row = Partial<Pick<MetricCase, 'fault'>> & {
  readonly selector?: Selector;
  readonly labels?: Labels;
  readonly replicas?: number;
  readonly reason?: string;
};

function expectedOf({ replicas = replicasBefore, reason = 'ValidMetricFound' }: Row): MetricCase['expected'] {
  return { replicas, reason };
}

function faultOf({ fault }: Row): Pick<MetricCase, 'fault'> {
  return fault === undefined ? {} : { fault };
}

/** AverageValue of a metric of the pods. */
function ofPods(name: string, averageValue: string, pods: readonly (string | undefined)[], row: Row): MetricCase {
  const { labels = {} } = row;
  const metric = { name, selector: row.selector };
  const spec = { type: 'Pods', pods: { metric, target: { type: 'AverageValue', averageValue } } };
  return { name, metrics: [spec], values: { pods, labels }, ...faultOf(row), expected: expectedOf(row) };
}

type Target = { readonly value: string } | { readonly averageValue: string };

function targetOf(target: Target): object {
  return { type: 'value' in target ? 'Value' : 'AverageValue', ...target };
}

interface Described {
  readonly apiVersion: string;
  readonly kind: string;
  readonly name: string;
  readonly resource: string;
}

const front: Described = { apiVersion: 'v1', kind: 'Service', name: 'front', resource: 'services' };
const entry: Described = {
  apiVersion: 'networking.k8s.io/v1',
  kind: 'Ingress',
  name: 'entry',
  resource: 'ingresses.networking.k8s.io',
};
/** Of a Namespace the name is not used. */
const anyNamespace: Described = { apiVersion: 'v1', kind: 'Namespace', name: 'elsewhere', resource: 'namespaces' };
const unknownKind: Described = { apiVersion: 'example.com/v1', kind: 'Widget', name: 'w', resource: 'services' };

/** Value or AverageValue of a metric of one object. */
function ofObject(name: string, target: Target, value: string | undefined, row: Row & { on?: Described }): MetricCase {
  const { resource, ...describedObject } = row.on ?? front;
  const metric = { name, selector: row.selector };
  const { labels = {} } = row;
  return {
    name,
    metrics: [{ type: 'Object', object: { metric, describedObject, target: targetOf(target) } }],
    values: value === undefined ? {} : { object: { resource, name: describedObject.name, value }, labels },
    ...faultOf(row),
    expected: expectedOf(row),
  };
}

type Series = { readonly value: string; readonly labels?: Labels };

/** Value or AverageValue of the sum of an external metric's series. */
function ofExternal(name: string, target: Target, external: readonly Series[], row: Row): MetricCase {
  const metric = { name, selector: row.selector };
  return {
    name,
    metrics: [{ type: 'External', external: { metric, target: targetOf(target) } }],
    values: { external },
    ...faultOf(row),
    expected: expectedOf(row),
  };
}

const failedPods = { reason: 'FailedGetPodsMetric' };
const failedObject = { reason: 'FailedGetObjectMetric' };
const failedExternal = { reason: 'FailedGetExternalMetric' };
const get: Row = { selector: { matchLabels: { verb: 'GET' } }, labels: { verb: 'GET' } };
const expressions: Selector = {
  matchLabels: { verb: 'GET' },
  matchExpressions: [
    { key: 'code', operator: 'In', values: ['500', '200'] },
    { key: 'tier', operator: 'NotIn', values: ['back', 'db'] },
    { key: 'example.com/path', operator: 'Exists' },
    { key: 'internal', operator: 'DoesNotExist' },
  ],
};
const expressed: Labels = { verb: 'GET', code: '200', 'example.com/path': 'shop' };
const average = (averageValue: string): Target => ({ averageValue });
const total = (value: string): Target => ({ value });

/** What the adapter serves by itself. */
export const servedCases: readonly MetricCase[] = [
  ofPods('pods-up', '10', ['25', '15'], { replicas: 4 }),
  ofPods('pods-milli', '500m', ['1500m', '1500m'], { replicas: 6 }),
  ofPods('pods-kilo', '1k', ['2k', '1k'], { replicas: 3 }),
  ofPods('pods-binary', '512', ['1Ki', '1Ki'], { replicas: 4 }),
  ofPods('pods-micro', '1m', ['1u', '1u'], {}),
  ofPods('pods-exponent', '1e3', ['2e3', '2e3'], { replicas: 4 }),
  ofPods('pods-zero', '1', ['0', '0'], { replicas: 1 }),
  ofPods('pods-negative', '1', ['-5', '-5'], { replicas: 1 }),
  ofPods('pods-tolerated', '10', ['11', '10'], {}),
  ofPods('pods-one-silent', '10', ['40', undefined], { replicas: 4 }),
  ofPods('pods-selected', '10', ['20', '20'], { ...get, replicas: 4 }),
  ofPods('pods-expressed', '10', ['20', '20'], { selector: expressions, labels: expressed, replicas: 4 }),
  ofPods('pods-unselected', '10', ['20', '20'], { ...get, labels: { verb: 'PUT' }, ...failedPods }),
  ofPods('pods-absent', '10', [], failedPods),
  ofObject('object-value', total('1k'), '2k', { replicas: 4 }),
  ofObject('object-average', average('3'), '9', { replicas: 3 }),
  ofObject('object-of-group', total('1'), '1500m', { on: entry, replicas: 3 }),
  ofObject('object-namespace', average('1Ki'), '4Ki', { on: anyNamespace, replicas: 4 }),
  ofObject('object-zero', total('5'), '0', { replicas: 1 }),
  ofObject('object-negative', average('5'), '-3', { replicas: 1 }),
  ofObject('object-selected', total('10'), '30', { ...get, replicas: 6 }),
  ofObject('object-expressed', total('10'), '30', { selector: expressions, labels: expressed, replicas: 6 }),
  ofObject('object-unselected', total('10'), '30', { ...get, labels: { verb: 'PUT' }, ...failedObject }),
  ofObject('object-absent', total('10'), undefined, failedObject),
  ofObject('object-kind-unknown', total('10'), undefined, { on: unknownKind, ...failedObject }),
  ofExternal('external-value', total('10'), [{ value: '15' }, { value: '5', labels: { q: 'b' } }], { replicas: 4 }),
  ofExternal('external-average', average('2500m'), [{ value: '10' }], { replicas: 4 }),
  ofExternal('external-selected', total('10'), [{ value: '30', labels: { verb: 'GET' } }, { value: '99' }], {
    ...get,
    replicas: 6,
  }),
  ofExternal('external-expressed', average('10'), [{ value: '30', labels: expressed }, { value: '99' }], {
    selector: expressions,
    replicas: 3,
  }),
  ofExternal('external-unselected', total('10'), [{ value: '30' }], { ...get, ...failedExternal }),
  ofExternal('external-absent', average('10'), [], failedExternal),
  ofExternal('external-zero', average('10'), [{ value: '0' }], { replicas: 1 }),
  ofExternal('external-negative', total('10'), [{ value: '-30' }], { replicas: 1 }),
  ofExternal('external-negative-average', average('10'), [{ value: '-30' }], { replicas: maxReplicas }),
  ofExternal('external-huge', average('1'), [{ value: '8E' }], { replicas: 1 }),
];

/** Ways to fail, for each of the three kinds of metric. */
const faults: Readonly<Record<string, Fault>> = {
  'not-found': { kind: 'answer', status: 404, body: '404 page not found\n', contentType: 'text/plain; charset=utf-8' },
  'not-found-status': status(404, 'NotFound', 'the server could not find the metric x for pods'),
  forbidden: status(403, 'Forbidden', 'this metric is none of your business'),
  error: { kind: 'answer', status: 500, body: 'boom "quoted"\n', contentType: 'text/plain' },
  'error-status': status(500, 'InternalError', 'Internal error occurred: no Prometheus'),
  'bad-gateway': { kind: 'answer', status: 502, body: '<html>502</html>', contentType: 'text/html' },
  unavailable: { kind: 'answer', status: 503, body: 'service unavailable\n', contentType: 'text/plain' },
  'too-many': { kind: 'answer', status: 429, body: 'slow down', contentType: 'text/plain' },
  teapot: { kind: 'answer', status: 418, body: 'short and stout', contentType: 'text/plain' },
  reset: { kind: 'reset' },
};

function status(code: number, reason: string, message: string): Fault {
  const body = { kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Failure', message, reason, code };
  return { kind: 'answer', status: code, body: JSON.stringify(body) };
}

/** Answers that are none: 200, and not what was asked for. */
const nonsense: Readonly<Record<string, Fault>> = {
  html: { kind: 'answer', status: 200, body: '<html>login</html>', contentType: 'text/html' },
  'html-as-json': { kind: 'answer', status: 200, body: '<html>login</html>' },
  nothing: { kind: 'answer', status: 200, body: '' },
  'empty-object': { kind: 'answer', status: 200, body: '{}' },
  truncated: { kind: 'answer', status: 200, body: '{"kind":"MetricValueList","apiV' },
  stranger: { kind: 'answer', status: 200, body: '{"kind":"ConfigMap","apiVersion":"v1"}' },
};

function failing(what: string, fault: Fault): MetricCase[] {
  return [
    ofPods(`pods-${what}`, '10', ['20', '20'], { fault, ...failedPods }),
    ofObject(`object-${what}`, total('10'), '20', { fault, ...failedObject }),
    ofExternal(`external-${what}`, average('10'), [{ value: '20' }], { fault, ...failedExternal }),
  ];
}

const failingAll = (all: Readonly<Record<string, Fault>>): readonly MetricCase[] =>
  Object.entries(all).flatMap(([what, fault]) => failing(what, fault));

export const failingCases: readonly MetricCase[] = failingAll(faults);

/** They fail in the words of Go's decoders. */
export const nonsenseCases: readonly MetricCase[] = failingAll(nonsense);

/** Takes longer than a scrape or a sync, and is an answer all the same. */
export const lateCases: readonly MetricCase[] = [
  ofPods('pods-late', '10', ['20', '20'], { fault: { kind: 'late', delayMs: 8_000 }, replicas: 4 }),
  ofObject('object-late', total('10'), '20', { fault: { kind: 'late', delayMs: 8_000 }, replicas: 4 }),
  ofExternal('external-late', average('10'), [{ value: '40' }], {
    fault: { kind: 'late', delayMs: 35_000 },
    replicas: 4,
  }),
];

/** The API server gives up after its --request-timeout. */
export const hangingCases: readonly MetricCase[] = failing('hanging', { kind: 'hang' });
