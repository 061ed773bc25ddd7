// Pure: the OpenAPI documents. `kubectl explain` and API servers in front read them; they say what is served and no more.
import { metricsGroup, metricsVersion } from './request-info.ts';

export interface OpenApiDocuments {
  /** `/openapi/v2`: Swagger 2.0. */
  readonly v2: string;
  /** `/openapi/v3/PATH`: one OpenAPI 3.0 document per path. */
  readonly v3: Readonly<Record<string, string>>;
}

type Json = string | boolean | readonly Json[] | JsonObject;
interface JsonObject {
  readonly [key: string]: Json;
}

const root = `/apis/${metricsGroup}/${metricsVersion}`;
const model = (kind: string): string => `io.k8s.metrics.pkg.apis.metrics.v1beta1.${kind}`;

const text = { type: 'string' } as const;
const time = { type: 'string', format: 'date-time' } as const;
const usage = {
  description: 'Amounts in use: cpu in cores, averaged over the window, and memory in bytes, the working set.',
  type: 'object',
  additionalProperties: { description: 'A quantity, such as 250m or 64Mi.', type: 'string' },
} as const;
const metadata = {
  description:
    'Name, namespace and current labels of the object measured; creationTimestamp is the time of the answer.',
  type: 'object',
  properties: {
    name: text,
    namespace: text,
    creationTimestamp: time,
    labels: { type: 'object', additionalProperties: text },
  },
} as const;
const measured = {
  apiVersion: text,
  kind: text,
  metadata,
  timestamp: { ...time, description: 'When the later of the two samples was taken.' },
  window: { ...text, description: 'Time between the two samples, as a duration such as 15s.' },
} as const;

function kindOf(kind: string): Json {
  return [{ group: metricsGroup, kind, version: metricsVersion }];
}

/** Models by kind. `refer` makes a reference to another model in the version's own way. */
function models(refer: (kind: string) => string): Readonly<Record<string, Json>> {
  const reference = (kind: string): Json => ({ $ref: refer(kind) });
  const list = (kind: string): Json => ({
    description: `A list of ${kind}.`,
    type: 'object',
    required: ['items'],
    properties: {
      apiVersion: text,
      kind: text,
      metadata: { type: 'object' },
      items: { type: 'array', items: reference(kind) },
    },
    'x-kubernetes-group-version-kind': kindOf(`${kind}List`),
  });
  return {
    ContainerMetrics: {
      description: 'Resource usage of one container.',
      type: 'object',
      required: ['name', 'usage'],
      properties: { name: text, usage },
    },
    NodeMetrics: {
      description: 'Resource usage of one node.',
      type: 'object',
      required: ['timestamp', 'window', 'usage'],
      properties: { ...measured, usage },
      'x-kubernetes-group-version-kind': kindOf('NodeMetrics'),
    },
    NodeMetricsList: list('NodeMetrics'),
    PodMetrics: {
      description: 'Resource usage of the containers of one pod.',
      type: 'object',
      required: ['timestamp', 'window', 'containers'],
      properties: {
        ...measured,
        containers: { type: 'array', items: reference('ContainerMetrics'), 'x-kubernetes-list-type': 'atomic' },
      },
      'x-kubernetes-group-version-kind': kindOf('PodMetrics'),
    },
    PodMetricsList: list('PodMetrics'),
  };
}

interface Operation {
  readonly path: string;
  readonly id: string;
  readonly kind: string;
  readonly action: 'get' | 'list';
}

const operations: readonly Operation[] = [
  { path: `${root}/nodes`, id: 'listMetricsV1beta1NodeMetrics', kind: 'NodeMetrics', action: 'list' },
  { path: `${root}/nodes/{name}`, id: 'readMetricsV1beta1NodeMetrics', kind: 'NodeMetrics', action: 'get' },
  { path: `${root}/pods`, id: 'listMetricsV1beta1PodMetricsForAllNamespaces', kind: 'PodMetrics', action: 'list' },
  {
    path: `${root}/namespaces/{namespace}/pods`,
    id: 'listMetricsV1beta1NamespacedPodMetrics',
    kind: 'PodMetrics',
    action: 'list',
  },
  {
    path: `${root}/namespaces/{namespace}/pods/{name}`,
    id: 'readMetricsV1beta1NamespacedPodMetrics',
    kind: 'PodMetrics',
    action: 'get',
  },
];

const listParameters = ['labelSelector', 'fieldSelector'];
const encodings = ['application/json', 'application/vnd.kubernetes.protobuf'];

/** `text` is how a parameter of type string is declared in this version. */
function parameters({ path, action }: Operation, text: JsonObject): Json {
  const inPath = Array.from(path.matchAll(/\{(\w+)\}/g), ([, name = '']): JsonObject => {
    return { name, in: 'path', required: true, ...text };
  });
  const inQuery = ['pretty', ...(action === 'list' ? listParameters : [])];
  return [...inPath, ...inQuery.map((name): JsonObject => ({ name, in: 'query', ...text }))];
}

function describe({ id, kind, action }: Operation): JsonObject {
  return {
    description: action === 'list' ? `list ${kind}` : `read the ${kind} of one object`,
    operationId: id,
    'x-kubernetes-action': action,
    'x-kubernetes-group-version-kind': { group: metricsGroup, kind, version: metricsVersion },
  };
}

function resultKind({ kind, action }: Operation): string {
  return action === 'list' ? `${kind}List` : kind;
}

function named(models: Readonly<Record<string, Json>>): JsonObject {
  return Object.fromEntries(Object.entries(models).map(([kind, schema]) => [model(kind), schema]));
}

function swaggerOperation(operation: Operation): Json {
  const schema = { $ref: `#/definitions/${model(resultKind(operation))}` };
  return {
    get: {
      ...describe(operation),
      produces: encodings,
      parameters: parameters(operation, { type: 'string' }),
      responses: { '200': { description: 'OK', schema }, '401': { description: 'Unauthorized' } },
    },
  };
}

function openApiOperation(operation: Operation): Json {
  const schema = { $ref: `#/components/schemas/${model(resultKind(operation))}` };
  const content = Object.fromEntries(encodings.map((encoding) => [encoding, { schema }]));
  return {
    get: {
      ...describe(operation),
      parameters: parameters(operation, { schema: { type: 'string' } }),
      responses: { '200': { description: 'OK', content }, '401': { description: 'Unauthorized' } },
    },
  };
}

/** Both documents; `version` is ours. */
export function openApiDocuments(version: string): OpenApiDocuments {
  const info = { title: 'Headroom Metrics API', version };
  const paths = (write: (operation: Operation) => Json): Json =>
    Object.fromEntries(operations.map((operation) => [operation.path, write(operation)]));
  const swagger = {
    swagger: '2.0',
    info,
    paths: paths(swaggerOperation),
    definitions: named(models((kind) => `#/definitions/${model(kind)}`)),
  };
  const openApi = {
    openapi: '3.0.0',
    info,
    paths: paths(openApiOperation),
    components: { schemas: named(models((kind) => `#/components/schemas/${model(kind)}`)) },
  };
  return { v2: JSON.stringify(swagger), v3: { [`apis/${metricsGroup}/${metricsVersion}`]: JSON.stringify(openApi) } };
}
