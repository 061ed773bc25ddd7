// Pure: what can be asked, for the OpenAPI documents: paths, operations and parameters with the names that the API machinery gives them.
import { mediaTypes, plainMediaTypes } from './accept.ts';
import { modelNames } from './openapi-models.ts';
import { metricsGroup, metricsVersion } from './request-info.ts';

export interface Parameter {
  readonly name: string;
  readonly in: 'path' | 'query';
  readonly type: 'string' | 'boolean' | 'integer';
  readonly description: string;
}

export interface Operation {
  readonly path: string;
  /** The OpenAPI 3 document that it stands in. */
  readonly document: string;
  readonly tag: string;
  readonly id: string;
  readonly description: string;
  /** The model of the answer. */
  readonly result: string;
  readonly consumes: readonly string[];
  readonly produces: readonly string[];
  readonly parameters: readonly Parameter[];
  /** Of operations on objects. */
  readonly object?: { readonly action: 'get' | 'list'; readonly kind: string };
}

const parameter = (name: string, type: Parameter['type'], description: string): Parameter => ({
  name,
  in: 'query',
  type,
  description,
});
const inPath = (name: string, description: string): Parameter => ({ name, in: 'path', type: 'string', description });

const pretty = parameter('pretty', 'string', 'If true, the answer is indented.');
const namespace = inPath('namespace', 'The namespace of the pods.');
const listParameters: readonly Parameter[] = [
  parameter('allowWatchBookmarks', 'boolean', 'Without effect: there are no watches.'),
  parameter('continue', 'string', 'Without effect: lists are whole.'),
  parameter('fieldSelector', 'string', 'Selects by metadata.name and metadata.namespace.'),
  parameter('labelSelector', 'string', 'Selects by labels. Default: everything.'),
  parameter('limit', 'integer', 'Without effect: lists are whole.'),
  pretty,
  parameter('resourceVersion', 'string', 'Without effect: nothing is stored.'),
  parameter('resourceVersionMatch', 'string', 'Without effect; must fit resourceVersion.'),
  parameter('sendInitialEvents', 'boolean', 'Refused: there are no watches.'),
  parameter('shardSelector', 'string', 'Without effect: lists are whole.'),
  parameter('timeoutSeconds', 'integer', 'Without effect: there are no watches.'),
  parameter('watch', 'boolean', 'Refused when true: there are no watches.'),
];

const streamTypes = [mediaTypes.json, mediaTypes.protobuf].map((mediaType) => `${mediaType};stream=watch`);
const groupPath = `apis/${metricsGroup}`;
const versionPath = `${groupPath}/${metricsVersion}`;

function discovery(document: string, tag: string, id: string, description: string, result: string): Operation {
  const both = { consumes: plainMediaTypes, produces: plainMediaTypes };
  return { path: `/${document}/`, document, tag, id, description, result, ...both, parameters: [] };
}

function reads(path: string, id: string, kind: string, result: string, parameters: readonly Parameter[]): Operation {
  const isList = result.endsWith('List');
  const all = [...parameters, ...(isList ? listParameters : [pretty])];
  return {
    path: `/${versionPath}/${path}`,
    document: versionPath,
    tag: 'metrics_v1beta1',
    id: `${isList ? 'list' : 'read'}MetricsV1beta1${id}`,
    description: isList ? `${kind} of all that is selected` : `${kind} of one object`,
    result,
    consumes: ['*/*'],
    produces: isList ? [...plainMediaTypes, ...streamTypes] : plainMediaTypes,
    parameters: all.toSorted((a, b) => (a.name < b.name ? -1 : 1)),
    object: { action: isList ? 'list' : 'get', kind },
  };
}

const { nodeMetrics, nodeMetricsList, podMetrics, podMetricsList } = modelNames;
const podName = inPath('name', 'The name of the pod.');
const nodeName = inPath('name', 'The name of the node.');

export const operations: readonly Operation[] = [
  discovery('apis', 'apis', 'getAPIVersions', 'the API groups of this server', modelNames.groupList),
  discovery(groupPath, 'metrics', 'getMetricsAPIGroup', 'the versions of the group', modelNames.group),
  discovery(
    versionPath,
    'metrics_v1beta1',
    'getMetricsV1beta1APIResources',
    'the resources of the version',
    modelNames.resourceList,
  ),
  reads('namespaces/{namespace}/pods', 'NamespacedPodMetrics', 'PodMetrics', podMetricsList, [namespace]),
  reads('namespaces/{namespace}/pods/{name}', 'NamespacedPodMetrics', 'PodMetrics', podMetrics, [podName, namespace]),
  reads('nodes', 'NodeMetrics', 'NodeMetrics', nodeMetricsList, []),
  reads('nodes/{name}', 'NodeMetrics', 'NodeMetrics', nodeMetrics, [nodeName]),
  reads('pods', 'PodMetricsForAllNamespaces', 'PodMetrics', podMetricsList, []),
  {
    path: '/version/',
    document: 'version',
    tag: 'version',
    id: 'getCodeVersion',
    description: 'the version of this server',
    result: modelNames.version,
    consumes: [mediaTypes.json],
    produces: [mediaTypes.json],
    parameters: [],
  },
];
