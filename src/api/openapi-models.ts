// Pure: the models of the OpenAPI documents: types and names are those of the API machinery, the descriptions say what this server does.
import { metricsGroup, metricsVersion } from './request-info.ts';

export type Json = string | number | boolean | readonly Json[] | JsonObject;
export interface JsonObject {
  readonly [key: string]: Json;
}

/** A JSON schema. `$ref` is the name of another model. */
export interface Schema extends JsonObject {
  readonly description?: string;
}

const meta = 'io.k8s.apimachinery.pkg.apis.meta.v1.';
const metrics = 'io.k8s.metrics.pkg.apis.metrics.v1beta1.';
export const quantityModel = 'io.k8s.apimachinery.pkg.api.resource.Quantity';

export const modelNames = {
  groupList: `${meta}APIGroupList`,
  group: `${meta}APIGroup`,
  resourceList: `${meta}APIResourceList`,
  version: 'io.k8s.apimachinery.pkg.version.Info',
  nodeMetrics: `${metrics}NodeMetrics`,
  nodeMetricsList: `${metrics}NodeMetricsList`,
  podMetrics: `${metrics}PodMetrics`,
  podMetricsList: `${metrics}PodMetricsList`,
} as const;

const text = (description: string): Schema => ({ description, type: 'string' });
const flag = (description: string): Schema => ({ description, type: 'boolean' });
const integer = (description: string): Schema => ({ description, type: 'integer', format: 'int64' });
const textMap = (description: string): Schema => ({
  description,
  type: 'object',
  additionalProperties: { type: 'string' },
});
const reference = (model: string, description: string): Schema => ({ description, $ref: model });
/** A part that is always there, if only empty. */
const part = (model: string, description: string): Schema => ({ description, $ref: model, default: {} });
const list = (description: string, items: Schema, more: JsonObject = atomic): Schema => ({
  description,
  type: 'array',
  items,
  ...more,
});
const atomic = { 'x-kubernetes-list-type': 'atomic' };
const object = (
  description: string,
  properties: Readonly<Record<string, Schema>>,
  required: readonly string[] = [],
  more: JsonObject = {},
): Schema => ({ description, type: 'object', ...(required.length === 0 ? {} : { required }), properties, ...more });
const kindOf = (group: string, version: string, kind: string): JsonObject => ({
  'x-kubernetes-group-version-kind': [{ group, kind, version }],
});

const typeFields = {
  apiVersion: text('Group and version of this kind.'),
  kind: text('Name of this kind.'),
};
const usage: Schema = {
  description: 'Amounts in use: cpu in cores, averaged over the window, and memory in bytes, the working set.',
  type: 'object',
  additionalProperties: { $ref: quantityModel },
};
const measured = {
  ...typeFields,
  metadata: part(
    `${meta}ObjectMeta`,
    'Name, namespace and current labels of what was measured; creationTimestamp is the time of the answer.',
  ),
  timestamp: reference(`${meta}Time`, 'When the later of the two samples was taken.'),
  window: { $ref: `${meta}Duration` },
};

function listOf(model: string, kind: string): Schema {
  const properties = {
    ...typeFields,
    metadata: part(`${meta}ListMeta`, 'Empty: a list is always whole.'),
    items: list(`One ${kind} each.`, { $ref: model }, {}),
  };
  return object(`A list of ${kind}.`, properties, ['items'], kindOf(metricsGroup, metricsVersion, `${kind}List`));
}

const metricsModels: Readonly<Record<string, Schema>> = {
  [`${metrics}ContainerMetrics`]: object(
    'Resource usage of one container.',
    { name: text('Name of the container in its pod.'), usage },
    ['name', 'usage'],
  ),
  [modelNames.nodeMetrics]: object(
    'Resource usage of one node.',
    { ...measured, usage },
    ['timestamp', 'window', 'usage'],
    kindOf(metricsGroup, metricsVersion, 'NodeMetrics'),
  ),
  [modelNames.nodeMetricsList]: listOf(modelNames.nodeMetrics, 'NodeMetrics'),
  [modelNames.podMetrics]: object(
    'Resource usage of the containers of one pod.',
    {
      ...measured,
      containers: list('The containers that were measured, by name.', { $ref: `${metrics}ContainerMetrics` }),
    },
    ['timestamp', 'window', 'containers'],
    kindOf(metricsGroup, metricsVersion, 'PodMetrics'),
  ),
  [modelNames.podMetricsList]: listOf(modelNames.podMetrics, 'PodMetrics'),
};

const discoveryModels: Readonly<Record<string, Schema>> = {
  [modelNames.group]: object(
    'An API group and its versions.',
    {
      ...typeFields,
      name: text('Name of the group.'),
      preferredVersion: part(`${meta}GroupVersionForDiscovery`, 'The version to use when there is a choice.'),
      serverAddressByClientCIDRs: list('Where the group is served, by where the client is.', {
        $ref: `${meta}ServerAddressByClientCIDR`,
      }),
      versions: list('The versions that are served.', { $ref: `${meta}GroupVersionForDiscovery` }),
    },
    ['name', 'versions'],
    kindOf('', 'v1', 'APIGroup'),
  ),
  [modelNames.groupList]: object(
    'The API groups of this server.',
    { ...typeFields, groups: list('One entry per group.', { $ref: modelNames.group }) },
    ['groups'],
    kindOf('', 'v1', 'APIGroupList'),
  ),
  [`${meta}APIResource`]: object(
    'A resource and what can be done with it.',
    {
      categories: list('Names of sets of resources that it belongs to.', { type: 'string' }),
      group: text('Group of the kind, when it is not that of the list.'),
      kind: text('Kind of the objects.'),
      name: text('Name in paths.'),
      namespaced: flag('Whether objects have a namespace.'),
      shortNames: list('Abbreviations for people.', { type: 'string' }),
      singularName: text('Name of one object; empty here.'),
      storageVersionHash: text('Not used here: nothing is stored.'),
      verbs: list('What may be asked of it.', { type: 'string' }, {}),
      version: text('Version of the kind, when it is not that of the list.'),
    },
    ['name', 'singularName', 'namespaced', 'kind', 'verbs'],
  ),
  [modelNames.resourceList]: object(
    'The resources of one version of a group.',
    {
      ...typeFields,
      groupVersion: text('Group and version.'),
      resources: list('One entry per resource.', { $ref: `${meta}APIResource` }),
    },
    ['groupVersion', 'resources'],
    kindOf('', 'v1', 'APIResourceList'),
  ),
  [`${meta}GroupVersionForDiscovery`]: object(
    'One version of a group.',
    { groupVersion: text('Group and version, with a slash between.'), version: text('The version alone.') },
    ['groupVersion', 'version'],
  ),
  [`${meta}ServerAddressByClientCIDR`]: object(
    'Where clients of a network find the server.',
    { clientCIDR: text('The network of the clients.'), serverAddress: text('Host and port; the host may be empty.') },
    ['clientCIDR', 'serverAddress'],
  ),
};

const metadataModels: Readonly<Record<string, Schema>> = {
  [`${meta}Duration`]: { description: 'A length of time, such as 15s or 1m30s.', type: 'string' },
  [`${meta}Time`]: { description: 'A time of RFC 3339, in whole seconds.', type: 'string', format: 'date-time' },
  [quantityModel]: { description: 'An amount, such as 250m or 64Mi.', type: 'string' },
  [`${meta}FieldsV1`]: { description: 'A set of fields. Not used here.', type: 'object' },
  [`${meta}ListMeta`]: object('Metadata of a list.', {
    continue: text('Not used here: lists are whole.'),
    remainingItemCount: integer('Not used here: lists are whole.'),
    resourceVersion: text('Not used here: nothing is stored.'),
    selfLink: text('Not used anymore.'),
    shardInfo: reference(`${meta}ShardInfo`, 'Not used here: lists are whole.'),
  }),
  [`${meta}ShardInfo`]: object('Which part of a list this is.', { selector: text('Selects the part.') }, ['selector']),
  [`${meta}ManagedFieldsEntry`]: object('Who set which fields. Not used here.', {
    apiVersion: text('Version that the fields belong to.'),
    fieldsType: text('Form of the set of fields.'),
    fieldsV1: reference(`${meta}FieldsV1`, 'The fields.'),
    manager: text('Who set them.'),
    operation: text('How: Apply or Update.'),
    subresource: text('Through which subresource.'),
    time: reference(`${meta}Time`, 'When.'),
  }),
  [`${meta}OwnerReference`]: object(
    'The object that another one belongs to. Not used here.',
    {
      apiVersion: text('Group and version of the owner.'),
      blockOwnerDeletion: flag('Whether the owner waits for it.'),
      controller: flag('Whether the owner controls it.'),
      kind: text('Kind of the owner.'),
      name: text('Name of the owner.'),
      uid: text('UID of the owner.'),
    },
    ['apiVersion', 'kind', 'name', 'uid'],
    { 'x-kubernetes-map-type': 'atomic' },
  ),
  [`${meta}ObjectMeta`]: object('Metadata of an object. Here: name, namespace, labels and creationTimestamp.', {
    annotations: textMap('Not used here.'),
    creationTimestamp: reference(`${meta}Time`, 'The time of the answer.'),
    deletionGracePeriodSeconds: integer('Not used here.'),
    deletionTimestamp: reference(`${meta}Time`, 'Not used here.'),
    finalizers: list(
      'Not used here.',
      { type: 'string' },
      {
        'x-kubernetes-list-type': 'set',
        'x-kubernetes-patch-strategy': 'merge',
      },
    ),
    generateName: text('Not used here.'),
    generation: integer('Not used here.'),
    labels: textMap('The labels that the node or pod has now.'),
    managedFields: list('Not used here.', { $ref: `${meta}ManagedFieldsEntry` }),
    name: text('Name of the node or pod.'),
    namespace: text('Namespace of the pod.'),
    ownerReferences: list(
      'Not used here.',
      { $ref: `${meta}OwnerReference` },
      {
        'x-kubernetes-list-map-keys': ['uid'],
        'x-kubernetes-list-type': 'map',
        'x-kubernetes-patch-merge-key': 'uid',
        'x-kubernetes-patch-strategy': 'merge',
      },
    ),
    resourceVersion: text('Not used here: nothing is stored.'),
    selfLink: text('Not used anymore.'),
    uid: text('Not used here.'),
  }),
};

const versionFields = {
  major: text('Major version.'),
  minor: text('Minor version.'),
  emulationMajor: text('Major version that is emulated.'),
  emulationMinor: text('Minor version that is emulated.'),
  minCompatibilityMajor: text('Major version that is still understood.'),
  minCompatibilityMinor: text('Minor version that is still understood.'),
  gitVersion: text('The version with a v before it.'),
  gitCommit: text('The commit that was built.'),
  gitTreeState: text('Whether the tree was clean.'),
  buildDate: text('When it was built.'),
  goVersion: text('Version of Go, where it is Go.'),
  compiler: text('The compiler.'),
  platform: text('Operating system and processor.'),
};

/** By name, in the order of the names. */
export const models: Readonly<Record<string, Schema>> = sorted({
  ...metricsModels,
  ...discoveryModels,
  ...metadataModels,
  [modelNames.version]: object(
    'What is running.',
    versionFields,
    Object.keys(versionFields).filter((name) => !/^(?:emulation|minCompatibility)/.test(name)),
  ),
});

function sorted(all: Readonly<Record<string, Schema>>): Readonly<Record<string, Schema>> {
  return Object.fromEntries(Object.entries(all).toSorted(([a], [b]) => (a < b ? -1 : 1)));
}
