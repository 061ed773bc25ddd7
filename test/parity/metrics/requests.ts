// Pure: the requests that both sides answer. Each is one line of the report.

import type { Question } from './ask.ts';
import type { Credential } from './credentials.ts';
import type { World } from './model.ts';

export interface Request extends Question {
  /** Part of the matrix that it comes from. */
  readonly group: string;
  readonly credential: Credential;
  /** Of a question about one pod or node: what it is an example of. */
  readonly example?: string;
}

/** Names of the world that requests are made with. */
export interface Places {
  readonly namespace: string;
  readonly pod: string;
  /** A pod with several containers. */
  readonly widePod: { readonly namespace: string; readonly name: string };
  readonly idlePod: { readonly namespace: string; readonly name: string };
  readonly emptyNamespace: string;
  readonly node: string;
  readonly silentNode: string;
}

export const api = '/apis/metrics.k8s.io/v1beta1';

export const credentialName = { admin: 'certificate of kubernetes-admin in system:masters' } as const;

const json = 'application/json';
const table = 'application/json;as=Table;v=v1;g=meta.k8s.io';
const partial = 'application/json;as=PartialObjectMetadata;v=v1;g=meta.k8s.io';
const partialList = 'application/json;as=PartialObjectMetadataList;v=v1;g=meta.k8s.io';
const protobuf = 'application/vnd.kubernetes.protobuf';
const discovery = 'g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList';

const representations: readonly (string | undefined)[] = [
  undefined,
  '',
  '*/*',
  'application/*',
  json,
  `${json};pretty=1`,
  `${json}; charset=utf-8`,
  `${json};stream=watch`,
  'application/yaml',
  protobuf,
  `${protobuf}, */*`,
  `${protobuf};q=0.5, ${json};q=0.4`,
  `${json};q=0.1,${protobuf};q=0.9`,
  `text/html, ${json};q=0.9`,
  'application/cbor',
  `application/cbor, ${json}`,
  'text/html',
  'text/*;q=0.3',
  `${json};q=0`,
  `;;;,${json}`,
  'nonsense',
  table,
  `${table},${json}`,
  `application/json;as=Table;v=v1beta1;g=meta.k8s.io`,
  `application/yaml;as=Table;v=v1;g=meta.k8s.io`,
  `${protobuf};as=Table;v=v1;g=meta.k8s.io`,
  `${protobuf};as=Table;v=v1;g=meta.k8s.io,${table},${json}`,
  partial,
  `${partial},${json}`,
  `${protobuf};as=PartialObjectMetadata;v=v1;g=meta.k8s.io`,
  'application/json;as=PartialObjectMetadata;v=v1beta1;g=meta.k8s.io',
  partialList,
  `${protobuf};as=PartialObjectMetadataList;v=v1;g=meta.k8s.io`,
  'application/yaml;as=PartialObjectMetadataList;v=v1;g=meta.k8s.io',
  'application/json;as=Nonsense;v=v1;g=meta.k8s.io',
  'application/json;as=Table;v=v7;g=meta.k8s.io',
  'application/json;as=Table;v=v1;g=example.com',
];

/** Every representation of everything that is an object or a list. */
export function representationRequests(admin: Credential, places: Places): readonly Request[] {
  const { namespace, widePod, emptyNamespace, node } = places;
  const paths = [
    `${api}/nodes`,
    `${api}/nodes/${node}`,
    `${api}/nodes/nope`,
    `${api}/pods`,
    `${api}/namespaces/${namespace}/pods`,
    `${api}/namespaces/${emptyNamespace}/pods`,
    `${api}/namespaces/${widePod.namespace}/pods/${widePod.name}`,
    `${api}/namespaces/${namespace}/pods/nope`,
    '/apis',
    '/apis/metrics.k8s.io',
    api,
  ];
  const get = getter('representation', admin);
  const accepts = paths.flatMap((path) =>
    representations.map((accept) => get(path, accept === undefined ? {} : { accept })),
  );
  return [...accepts, ...encodingRequests(admin, places), ...discoveryRequests(admin)];
}

/** Indented or not, zipped or not. */
function encodingRequests(admin: Credential, { namespace, widePod }: Places): readonly Request[] {
  const get = getter('encoding', admin);
  const one = `${api}/namespaces/${widePod.namespace}/pods/${widePod.name}`;
  const few = `${api}/namespaces/${namespace}/pods`;
  const agents = ['curl/8.5.0', 'Wget/1.21', 'Mozilla/5.0 (X11)', 'kubectl/v1.36.3', 'mozilla/5.0'];
  const zips = ['gzip', 'gzip, deflate, br', 'gzip;q=1.0', 'deflate', '*', 'identity', 'GZIP', 'gzip ,x'];
  return [
    ...['true', '1', 'false', '0', '', 'nonsense', 'TRUE', 't'].flatMap((value) =>
      [one, few, '/apis', api, `${api}/nodes/nope`].map((path) => get(`${path}?pretty=${value}`, {})),
    ),
    ...agents.flatMap((agent) =>
      [one, `${one}?pretty=0`, `${one}?pretty=`, '/apis', `${api}/nodes/nope`].map((path) =>
        get(path, { 'user-agent': agent }),
      ),
    ),
    ...zips.flatMap((zip) => [get(`${api}/pods`, { 'accept-encoding': zip }), get(one, { 'accept-encoding': zip })]),
    ...[protobuf, 'application/yaml', table].map((accept) => get(`${api}/pods`, { accept, 'accept-encoding': 'gzip' })),
    ...['Metadata', 'Object', 'None', '', 'Bad'].flatMap((value) =>
      [one, few, `${api}/nodes`].map((path) => get(`${path}?includeObject=${value}`, { accept: table })),
    ),
  ];
}

function discoveryRequests(admin: Credential): readonly Request[] {
  const get = getter('discovery', admin);
  const accepts = [
    `${json};${discovery}`,
    `${json};${discovery},${json}`,
    `${json};${discovery};profile=nopeer`,
    `${json};g=apidiscovery.k8s.io;v=v2beta1;as=APIGroupDiscoveryList`,
    `${json};${discovery},${json};g=apidiscovery.k8s.io;v=v2beta1;as=APIGroupDiscoveryList,${json}`,
    `${protobuf};${discovery}`,
    `${json};q=0.9,${json};${discovery}`,
  ];
  const tag =
    '"358A59ADB76207FD91A611EE4E44AA35402A763B15DAFCCDA881CF87B1316E7F7BCF0A0AAF9F7D57EE70498199884A495CE5759E3A791DC934EA8FB4ABBD68F3"';
  return [
    ...accepts.flatMap((accept) => ['/apis', '/apis/metrics.k8s.io', api].map((path) => get(path, { accept }))),
    get('/apis', { accept: accepts[0] ?? '', 'if-none-match': tag }),
    get('/apis', { accept: accepts[0] ?? '', 'if-none-match': '"other"' }),
    get('/apis', { accept: json, 'if-none-match': tag }),
    get(`/apis?pretty=true`, { accept: accepts[0] ?? '' }),
    get('/apis/', {}),
    get('/apis/metrics.k8s.io/', {}),
    get(`${api}/`, {}),
  ];
}

/** What can stand in a query, and what cannot. */
export function optionRequests(admin: Credential, places: Places): readonly Request[] {
  const { node, pod, namespace } = places;
  const get = getter('options', admin);
  const lists = [`${api}/nodes`, `${api}/pods`, `${api}/namespaces/${namespace}/pods`];
  const objects = [`${api}/nodes/${node}`, `${api}/namespaces/${namespace}/pods/${pod}`];
  const labels = [
    ...['app=web', 'app==web', 'app!=web', 'app in (web,db)', 'app notin (web)', 'app', '!app', 'tier=front,app=db'],
    ...[
      'zone=a',
      'zone in (a, b),kind',
      'example.com/canary=',
      'app=',
      'app in ()',
      'app in (web',
      'app=web,',
      ',app',
      'a b',
    ],
    ...[
      'app>1',
      'version>1',
      'app gt 1',
      '=web',
      'app=web db',
      '-x=1',
      `${'x'.repeat(64)}=1`,
      'app=%',
      'a/b/c=1',
      'app~web',
      'app=WEB',
    ],
  ];
  const fields = [
    ...[`metadata.name=${node}`, `metadata.name=${pod}`, `metadata.name!=${pod}`, `metadata.name==${pod}`],
    ...[`metadata.namespace=${namespace}`, `metadata.namespace!=${namespace}`, 'metadata.namespace='],
    ...[
      `metadata.name=${pod},metadata.namespace=${namespace}`,
      'spec.nodeName=x',
      'status.phase=Running',
      'x',
      'metadata.name',
      '=x',
    ],
    ...['metadata.name=a,', 'metadata.name=a\\,b', 'metadata.name=a\\b', ','],
  ];
  const pairs = [
    ...labels.map((value) => ['labelSelector', value] as const),
    ...fields.map((value) => ['fieldSelector', value] as const),
  ].map(([name, value]) => `${name}=${encodeURIComponent(value)}`);
  const others = [
    ...[
      'limit=1',
      'limit=0',
      'limit=-1',
      'limit=abc',
      'limit=1.5',
      'limit=99999999999999999999',
      'continue=abc',
      'limit=2&continue=x',
    ],
    ...[
      'resourceVersion=0',
      'resourceVersion=5',
      'resourceVersion=abc',
      'resourceVersionMatch=Exact',
      'resourceVersionMatch=Foo',
    ],
    ...[
      'resourceVersion=0&resourceVersionMatch=Exact',
      'resourceVersion=5&resourceVersionMatch=NotOlderThan',
      'resourceVersion=5&resourceVersionMatch=Foo',
    ],
    ...[
      'continue=a&resourceVersionMatch=Exact',
      'continue=a&resourceVersion=1&resourceVersionMatch=Exact',
      'sendInitialEvents=true',
      'sendInitialEvents=abc',
    ],
    ...[
      'watch=true',
      'watch=1',
      'watch=false',
      'watch=0',
      'watch=abc',
      'watch=',
      'watch',
      'watch=true&resourceVersionMatch=Foo',
      'watch=true&labelSelector=x+in',
    ],
    ...[
      'watch=true&sendInitialEvents=true',
      'watch=true&sendInitialEvents=true&resourceVersionMatch=NotOlderThan',
      'watch=true&timeoutSeconds=1',
    ],
    ...[
      'timeoutSeconds=5',
      'timeoutSeconds=abc',
      'allowWatchBookmarks=true',
      'allowWatchBookmarks=abc',
      'shardSelector=x',
      'nonsense=1',
    ],
    ...[
      'timeout=5s',
      'timeout=abc',
      'timeout=0',
      'timeout=-1s',
      'timeout=1h',
      'timeout=',
      'timeout=5',
      'timeout=1.5s',
      'timeout=5s&timeout=abc',
    ],
    ...[
      'labelSelector=app%3Dweb&labelSelector=app%3Ddb',
      'LABELSELECTOR=app%3Dweb',
      'labelSelector=%zz',
      'labelSelector=a;b',
      '&&&',
      '=',
      'a=b;c=d',
    ],
    ...[
      'labelSelector=app+in+(web)',
      'labelSelector=app%20in%20(web)',
      'pretty',
      'pretty&pretty=true',
      'export=true',
      'exact=true',
      'kind=Foo',
      'apiVersion=v2',
    ],
  ];
  return [
    ...[...pairs, ...others].flatMap((query) => lists.map((path) => get(`${path}?${query}`, {}))),
    ...others.flatMap((query) => objects.map((path) => get(`${path}?${query}`, {}))),
    ...pairs.slice(0, 3).flatMap((query) => objects.map((path) => get(`${path}?${query}`, {}))),
    get(`${api}/pods?labelSelector=nothing%3Dfits`, { accept: table }),
    get(`${api}/pods?labelSelector=nothing%3Dfits`, { accept: partialList }),
    get(`${api}/pods?labelSelector=x+in`, { accept: table }),
    get(`${api}/pods?labelSelector=x+in`, { accept: protobuf }),
    get(`${api}/pods?watch=true`, { accept: `${json};stream=watch` }),
  ];
}

/** Paths and methods, right and wrong. */
export function pathRequests(admin: Credential, places: Places): readonly Request[] {
  const { node, namespace, pod, silentNode, idlePod } = places;
  const get = getter('paths', admin);
  const paths = [
    ...[
      '/',
      '/nope',
      '/api',
      '/api/v1',
      '/apis/',
      '/apis/nope',
      '/apis/nope/v1',
      '/apis/apps/v1',
      '//',
      '/%2e%2e/apis',
      '/apis/../apis',
    ],
    ...[
      '/apis/metrics.k8s.io/v1',
      '/apis/metrics.k8s.io/v1beta1/foo',
      `${api}/nodes/`,
      `${api}//nodes`,
      `${api}/pods/`,
      `${api}/pods/${pod}`,
    ],
    ...[
      `${api}/nodes/${node}/`,
      `${api}/nodes/${node}/status`,
      `${api}/nodes/${node}/a/b`,
      `${api}/nodes/${silentNode}`,
      `${api}/NODES`,
    ],
    ...[`${api}/namespaces`, `${api}/namespaces/`, `${api}/namespaces/${namespace}`, `${api}/namespaces/${namespace}/`],
    ...[
      `${api}/namespaces//pods`,
      `${api}/namespaces/${namespace}/pods/`,
      `${api}/namespaces/nope/pods`,
      `${api}/namespaces/${namespace}/nodes`,
    ],
    ...[
      `${api}/namespaces/${namespace}/pods/${pod}/`,
      `${api}/namespaces/${namespace}/pods/${pod}/log`,
      `${api}/namespaces/nope/pods/${pod}`,
    ],
    ...[
      `${api}/namespaces/${idlePod.namespace}/pods/${idlePod.name}`,
      `${api}/namespaces/${namespace}/pods/${encodeURIComponent('a/b')}`,
    ],
    ...[
      `${api}/watch/nodes`,
      `${api}/watch/pods`,
      `${api}/watch/namespaces/${namespace}/pods`,
      `${api}/watch/nodes/${node}`,
      `${api}/proxy/nodes/x`,
    ],
    ...[
      `${api}/nodes/%2e%2e/pods`,
      `${api}/nodes/a%2Fb`,
      `${api}/nodes/a%20b`,
      `${api}/nodes/%`,
      `${api}/nodes/%00`,
      `${api}/nodes/${'x'.repeat(300)}`,
    ],
    ...[
      `${api}/nodes/UPPER`,
      `${api}/nodes/a%3Fb`,
      `${api}/nodes/%C3%A9`,
      `${api}/nodes/%ff`,
      `/apis/metrics.k8s.io/v1beta1%2Fnodes`,
    ],
  ];
  const health = [
    ...[
      '/healthz',
      '/livez',
      '/readyz',
      '/healthz/',
      '/readyz/ping',
      '/livez/ping',
      '/healthz/ping',
      '/livez/foo',
      '/readyz/ping/',
    ],
    ...[
      '/healthz?verbose',
      '/livez?verbose',
      '/readyz?verbose',
      '/readyz?verbose=false',
      '/readyz?exclude=ping',
      '/readyz?verbose&exclude=ping',
    ],
    ...[
      '/readyz?verbose&exclude=nope&exclude=nix',
      '/livez?exclude=nope',
      '/livez?exclude=metric-collection-timely&verbose',
    ],
    ...['metric-storage-ready', 'metric-informer-sync', 'metadata-informer-sync', 'shutdown', 'log'].map(
      (check) => `/readyz/${check}`,
    ),
    ...['metric-collection-timely', 'metadata-informer-sync', 'log'].map((check) => `/livez/${check}`),
    ...['/healthz/metadata-informer-sync', '/healthz/log', '/readyz/log?verbose', '/healthz?pretty=true'],
  ];
  const own = [
    '/version',
    '/version/',
    '/openapi',
    '/openapi/v2',
    '/openapi/v3',
    '/openapi/v3/',
    '/openapi/v3/nope',
    '/swagger.json',
  ];
  const debug = [
    '/metrics',
    '/statusz',
    '/flagz',
    '/debug/pprof/',
    '/logs',
    '/configz',
    '/metrics/cadvisor',
    '/metrics/',
  ];
  const methods = ['POST', 'PUT', 'PATCH', 'DELETE', 'HEAD', 'OPTIONS', 'FOO'];
  const targets = [
    `${api}/nodes`,
    `${api}/nodes/${node}`,
    `${api}/namespaces/${namespace}/pods/${pod}`,
    api,
    '/apis',
    '/healthz',
    '/version',
    '/nope',
    '/readyz/ping',
    '/openapi/v2',
  ];
  return [
    ...[...paths, ...health, ...own, ...debug].map((path) => get(path, {})),
    ...methods.flatMap((method) => targets.map((path) => ({ ...get(path, {}), method }))),
    ...['POST', 'PUT', 'PATCH'].map((method) => ({
      ...get(`${api}/nodes/${node}`, { 'content-type': json }),
      method,
      body: '{"kind":"Nonsense"}',
    })),
    get(`${api}/nodes/${node}`, { 'audit-id': 'mine' }),
    get(`${api}/nodes/${node}`, { 'audit-id': '' }),
    get(`${api}/nodes/${node}`, { origin: 'https://example.com' }),
    get(`${api}/nodes/${node}`, { 'x-http-method-override': 'DELETE' }),
    get(`${api}/nodes/${node}`, { range: 'bytes=0-9' }),
    get(`${api}/nodes/${node}`, { 'if-none-match': '*', 'if-modified-since': 'Mon, 01 Jan 2035 00:00:00 GMT' }),
    get(`${api}/nodes/${node}`, { connection: 'close' }),
    get(`${api}/nodes/${node}`, { accept: [json, 'text/html'] as unknown as string }),
    get('/healthz', { accept: 'text/html' }),
    get('/version', { accept: protobuf }),
    get('/openapi/v2', { accept: 'text/html' }),
    get('/openapi/v3', { accept: 'text/html' }),
    get('/openapi/v2', { accept: 'application/com.github.proto-openapi.spec.v2@v1.0+protobuf' }),
  ];
}

/** Everybody asks for everything. */
export function accessRequests(credentials: readonly Credential[], places: Places): readonly Request[] {
  const { node, namespace, pod } = places;
  const paths = [
    ...[
      '/',
      '/nope',
      '/version',
      '/healthz',
      '/healthz/ping',
      '/livez?verbose',
      '/readyz',
      '/readyz/shutdown',
      '/metrics',
      '/openapi/v2',
    ],
    ...[
      '/apis',
      '/apis/metrics.k8s.io',
      api,
      `${api}/nodes`,
      `${api}/nodes/${node}`,
      `${api}/nodes?fieldSelector=metadata.name%3D${node}`,
    ],
    ...[
      `${api}/pods`,
      `${api}/namespaces/${namespace}/pods`,
      `${api}/namespaces/${namespace}/pods/${pod}`,
      `${api}/pods?watch=true`,
      `${api}/foo`,
    ],
    ...['/debug/pprof/', '/statusz'],
  ];
  return credentials.flatMap((credential) => [
    ...paths.map((path) => getter('access', credential)(path, {})),
    { ...getter('access', credential)(`${api}/nodes`, {}), method: 'POST' },
    { ...getter('access', credential)(`${api}/nodes/${node}`, {}), method: 'DELETE' },
    getter('access', credential)(`${api}/nodes`, { accept: table }),
    getter('access', credential)(`${api}/nodes/${node}`, { accept: protobuf }),
  ]);
}

/** What a client sees that comes before there is anything to serve. */
export function earlyRequests(admin: Credential, { node, namespace, pod, emptyNamespace }: Places): readonly Request[] {
  const get = getter('too early', admin);
  const paths = [
    ...['/readyz', '/readyz?verbose', '/readyz/metric-storage-ready', '/livez', '/livez?verbose', '/healthz?verbose'],
    ...['/readyz?exclude=metric-storage-ready', '/readyz?verbose&exclude=metric-storage-ready'],
    ...[`${api}/nodes/${node}`, `${api}/namespaces/${namespace}/pods/${pod}`],
  ];
  const lists = [`${api}/nodes`, `${api}/pods`, `${api}/namespaces/${emptyNamespace}/pods`];
  const accepts = [json, table, protobuf, partialList, 'application/yaml', `${json};pretty=1`];
  return [
    ...paths.map((path) => get(path, {})),
    ...lists.flatMap((path) => accepts.map((accept) => get(path, { accept }))),
  ];
}

/** The lists that a changed world shows, in each form that programs ask for. */
export function listRequests(admin: Credential, namespaces: readonly string[]): readonly Request[] {
  const get = getter('lists', admin);
  const paths = [`${api}/nodes`, `${api}/pods`, ...namespaces.map((name) => `${api}/namespaces/${name}/pods`)];
  return paths.flatMap((path) => [json, protobuf, table].map((accept) => get(path, { accept })));
}

/** Each node and pod by itself. */
export function itemRequests(admin: Credential, { nodes, pods }: World): readonly Request[] {
  const get = getter('items', admin);
  return [
    ...nodes.map(({ name, kind }) => ({ ...get(`${api}/nodes/${name}`, {}), example: kind })),
    ...pods.map(({ namespace, name, shape, node }) => {
      const kind = nodes[node]?.kind ?? 'ordinary';
      const example = kind === 'ordinary' ? shape : kind;
      return { ...get(`${api}/namespaces/${namespace}/pods/${name}`, {}), example };
    }),
  ];
}

/** Through the API server, which adds its own headers and takes some away. */
export function aggregatedRequests(credentials: readonly Credential[], places: Places): readonly Request[] {
  const { node, namespace, pod, emptyNamespace, widePod } = places;
  const paths = [
    ...[
      `${api}/nodes`,
      `${api}/nodes/${node}`,
      `${api}/pods`,
      `${api}/namespaces/${namespace}/pods`,
      `${api}/namespaces/${emptyNamespace}/pods`,
    ],
    ...[
      `${api}/namespaces/${namespace}/pods/${pod}`,
      `${api}/nodes/nope`,
      `${api}/namespaces/${namespace}/pods/nope`,
      api,
      `${api}/foo`,
    ],
    ...[
      `${api}/pods?labelSelector=app+in+%28web%2Cdb%29`,
      `${api}/pods?fieldSelector=metadata.name%3D${pod}`,
      `${api}/pods?fieldSelector=x`,
    ],
    ...[
      `${api}/pods?watch=true`,
      `${api}/pods?limit=1`,
      `${api}/nodes?timeout=abc`,
      `${api}/nodes?pretty=true`,
      '/apis/metrics.k8s.io',
    ],
  ];
  const accepts = [
    json,
    protobuf,
    `${protobuf}, */*`,
    `${table},${json}`,
    partialList,
    'application/yaml',
    'application/cbor',
    'text/html',
  ];
  const withRights = credentials.filter(({ name }) => name === credentialName.admin);
  const others = credentials.filter(({ name }) => !name.startsWith('front proxy'));
  const lists = [`${api}/nodes`, `${api}/namespaces/${widePod.namespace}/pods`, `${api}/pods`];
  return [
    ...withRights.flatMap((admin) => {
      const get = getter('aggregator', admin);
      return [
        ...paths.map((path) => get(path, {})),
        ...lists.flatMap((path) => accepts.map((accept) => get(path, { accept }))),
        ...['gzip', 'identity'].map((zip) => get(`${api}/pods`, { 'accept-encoding': zip })),
        ...['curl/8.5.0', 'kubectl'].map((agent) => get(`${api}/nodes/${node}`, { 'user-agent': agent })),
        ...['POST', 'DELETE', 'PUT', 'PATCH', 'HEAD', 'OPTIONS'].map((method) => ({
          ...get(`${api}/nodes/${node}`, {}),
          method,
        })),
      ];
    }),
    ...others.flatMap((credential) => [
      getter('aggregator', credential)(`${api}/nodes/${node}`, {}),
      getter('aggregator', credential)(`${api}/namespaces/${namespace}/pods`, {}),
    ]),
  ];
}

function getter(group: string, credential: Credential) {
  return (path: string, headers: Credential['headers']): Request => ({
    group,
    credential,
    method: 'GET',
    path,
    headers,
  });
}
