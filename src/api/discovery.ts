// Pure: what is served here, in the three documents of the old discovery and the one of the new (docs/metrics-api.md, M-58 to M-63).
import { createHash } from 'node:crypto';
import type { ApiDocument } from './document.ts';
import { emptyListMeta, emptyObjectMeta, field, uint, wrap } from './protobuf.ts';
import { metricsGroup, metricsVersion } from './request-info.ts';

interface Resource {
  readonly name: string;
  readonly kind: string;
  readonly namespaced: boolean;
}

const resources: readonly Resource[] = [
  { name: 'nodes', kind: 'NodeMetrics', namespaced: false },
  { name: 'pods', kind: 'PodMetrics', namespaced: true },
];
const verbs = ['get', 'list'];

const groupVersion = { groupVersion: `${metricsGroup}/${metricsVersion}`, version: metricsVersion };
const groupVersionFields = [field(1, groupVersion.groupVersion), field(2, groupVersion.version)];

/** `/apis`. `serverAddress` is host and port as clients should use them: `:443`. */
export function groupListDocument(serverAddress: string): ApiDocument {
  const addresses = [{ clientCIDR: '0.0.0.0/0', serverAddress }];
  const group = { ...groupDocumentFields, serverAddressByClientCIDRs: addresses };
  const addressFields = field(4, field(1, '0.0.0.0/0'), field(2, serverAddress));
  return {
    json: JSON.stringify({ kind: 'APIGroupList', groups: [group] }),
    // Like the JSON, without an apiVersion.
    protobuf: wrap('', 'APIGroupList', field(1, ...groupFields, addressFields)),
  };
}

const groupDocumentFields = { name: metricsGroup, versions: [groupVersion], preferredVersion: groupVersion };
const groupFields = [field(1, metricsGroup), field(2, ...groupVersionFields), field(3, ...groupVersionFields)];

/** `/apis/metrics.k8s.io` */
export const groupDocument: ApiDocument = {
  json: JSON.stringify({ kind: 'APIGroup', apiVersion: 'v1', ...groupDocumentFields }),
  protobuf: wrap('v1', 'APIGroup', Buffer.concat(groupFields)),
};

/** `/apis/metrics.k8s.io/v1beta1` */
export const resourceListDocument: ApiDocument = {
  json: JSON.stringify({
    kind: 'APIResourceList',
    apiVersion: 'v1',
    groupVersion: groupVersion.groupVersion,
    resources: resources.map(({ name, namespaced, kind }) => ({ name, singularName: '', namespaced, kind, verbs })),
  }),
  protobuf: wrap(
    'v1',
    'APIResourceList',
    Buffer.concat([
      field(1, groupVersion.groupVersion),
      ...resources.map((resource) => field(2, ...resourceFields(resource))),
    ]),
  ),
};

function resourceFields({ name, namespaced, kind }: Resource): readonly Buffer[] {
  const verbFields = verbs.map((verb) => field(1, verb));
  // singularName, group, version and storageVersionHash are written though empty.
  return [
    field(1, name),
    uint(2, Number(namespaced)),
    field(3, kind),
    field(4, ...verbFields),
    field(6),
    field(8),
    field(9),
    field(10),
  ];
}

const aggregatedContent = {
  metadata: {},
  items: [
    {
      metadata: { name: metricsGroup },
      versions: [
        {
          version: metricsVersion,
          resources: resources.map(({ name, kind, namespaced }) => ({
            resource: name,
            responseKind: { group: '', version: '', kind },
            scope: namespaced ? 'Namespaced' : 'Cluster',
            singularResource: '',
            verbs,
          })),
          freshness: 'Current',
        },
      ],
    },
  ],
};

function discoveryFields({ name, kind, namespaced }: Resource): Buffer {
  const responseKind = field(2, field(1), field(2), field(3, kind));
  const verbFields = verbs.map((verb) => field(5, verb));
  return Buffer.concat([
    field(1, name),
    responseKind,
    field(3, namespaced ? 'Namespaced' : 'Cluster'),
    field(4),
    ...verbFields,
  ]);
}

const versionFields = [
  field(1, metricsVersion),
  ...resources.map((resource) => field(2, discoveryFields(resource))),
  field(3, 'Current'),
];

/** `/apis` for clients that want everything at once: API servers in front, and kubectl through them. */
export const aggregatedDocument: ApiDocument = {
  json: JSON.stringify({
    kind: 'APIGroupDiscoveryList',
    apiVersion: 'apidiscovery.k8s.io/v2',
    ...aggregatedContent,
  }),
  protobuf: wrap(
    'apidiscovery.k8s.io/v2',
    'APIGroupDiscoveryList',
    Buffer.concat([
      field(1, emptyListMeta),
      field(2, field(1, field(1, metricsGroup), emptyObjectMeta), field(2, ...versionFields)),
    ]),
  ),
};

/** Its content type is that of the encoding, with these parameters. */
export const aggregatedParameters = 'g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList';

/** Its tag, which is that of what it says, whatever version says it. */
export const aggregatedTag = entityTag(JSON.stringify(aggregatedContent));

/** A strong ETag of a document, in the form of the API machinery's. */
export function entityTag(document: string): string {
  return `"${createHash('sha512').update(document).digest('hex').toUpperCase()}"`;
}
