// Pure: every form in which an answer can be had, and those in which it cannot.
import type { Credential } from './credentials.ts';
import {
  api,
  discoveryList,
  getter,
  json,
  lines,
  type Places,
  protobuf,
  type Request,
  table,
  yaml,
} from './request.ts';

/** Values of Accept. */
const representations: readonly string[] = [
  '',
  ...lines(`
    */*
    application/*
    application/json
    application/json;pretty=1
    application/json; charset=utf-8
    application/json;stream=watch
    application/yaml
    application/vnd.kubernetes.protobuf
    application/vnd.kubernetes.protobuf, */*
    application/vnd.kubernetes.protobuf;q=0.5, application/json;q=0.4
    application/json;q=0.1,application/vnd.kubernetes.protobuf;q=0.9
    text/html, application/json;q=0.9
    application/cbor
    application/cbor, application/json
    text/html
    text/*;q=0.3
    application/json;q=0
    ;;;,application/json
    nonsense
    application/json;as=Table;v=v1;g=meta.k8s.io
    application/json;as=Table;v=v1;g=meta.k8s.io,application/json
    application/json;as=Table;v=v1beta1;g=meta.k8s.io
    application/json;as=Table;v=v7;g=meta.k8s.io
    application/json;as=Table;v=v1;g=example.com
    application/json;as=Nonsense;v=v1;g=meta.k8s.io
    application/yaml;as=Table;v=v1;g=meta.k8s.io
    application/vnd.kubernetes.protobuf;as=Table;v=v1;g=meta.k8s.io
    application/vnd.kubernetes.protobuf;as=Table;v=v1;g=meta.k8s.io,application/json;as=Table;v=v1;g=meta.k8s.io,application/json
    application/json;as=PartialObjectMetadata;v=v1;g=meta.k8s.io
    application/json;as=PartialObjectMetadata;v=v1;g=meta.k8s.io,application/json
    application/json;as=PartialObjectMetadata;v=v1beta1;g=meta.k8s.io
    application/vnd.kubernetes.protobuf;as=PartialObjectMetadata;v=v1;g=meta.k8s.io
    application/json;as=PartialObjectMetadataList;v=v1;g=meta.k8s.io
    application/yaml;as=PartialObjectMetadataList;v=v1;g=meta.k8s.io
    application/vnd.kubernetes.protobuf;as=PartialObjectMetadataList;v=v1;g=meta.k8s.io
  `),
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
  return [
    ...paths.map((path) => get(path)),
    ...paths.flatMap((path) => representations.map((accept) => get(path, { accept }))),
    ...encodingRequests(admin, places),
    ...discoveryRequests(admin),
  ];
}

/** Indented or not, zipped or not. */
function encodingRequests(admin: Credential, { namespace, widePod }: Places): readonly Request[] {
  const get = getter('encoding', admin);
  const one = `${api}/namespaces/${widePod.namespace}/pods/${widePod.name}`;
  const few = `${api}/namespaces/${namespace}/pods`;
  const missing = `${api}/nodes/nope`;
  const agents = ['curl/8.5.0', 'Wget/1.21', 'Mozilla/5.0 (X11)', 'kubectl/v1.36.3', 'mozilla/5.0'];
  const zips = ['gzip', 'gzip, deflate, br', 'gzip;q=1.0', 'deflate', '*', 'identity', 'GZIP', 'gzip ,x'];
  return [
    ...['true', '1', 'false', '0', '', 'nonsense', 'TRUE', 't'].flatMap((value) =>
      [one, few, '/apis', api, missing].map((path) => get(`${path}?pretty=${value}`)),
    ),
    ...agents.flatMap((agent) =>
      [one, `${one}?pretty=0`, `${one}?pretty=`, '/apis', missing].map((path) => get(path, { 'user-agent': agent })),
    ),
    ...zips.flatMap((zip) => [`${api}/pods`, one].map((path) => get(path, { 'accept-encoding': zip }))),
    ...[protobuf, yaml, table].map((accept) => get(`${api}/pods`, { accept, 'accept-encoding': 'gzip' })),
    ...['Metadata', 'Object', 'None', '', 'Bad'].flatMap((value) =>
      [one, few, `${api}/nodes`].map((path) => get(`${path}?includeObject=${value}`, { accept: table })),
    ),
  ];
}

function discoveryRequests(admin: Credential): readonly Request[] {
  const get = getter('discovery', admin);
  const aggregated = `${json};${discoveryList}`;
  const accepts = [
    aggregated,
    `${aggregated},${json}`,
    `${aggregated};profile=nopeer`,
    `${json};g=apidiscovery.k8s.io;v=v2beta1;as=APIGroupDiscoveryList`,
    `${aggregated},${json};g=apidiscovery.k8s.io;v=v2beta1;as=APIGroupDiscoveryList,${json}`,
    `${protobuf};${discoveryList}`,
    `${yaml};${discoveryList}`,
    `${json};q=0.9,${aggregated}`,
  ];
  return [
    ...accepts.flatMap((accept) => ['/apis', '/apis/metrics.k8s.io', api].map((path) => get(path, { accept }))),
    get('/apis', { accept: aggregated, 'if-none-match': discoveryTag }),
    get('/apis', { accept: aggregated, 'if-none-match': '"other"' }),
    get('/apis', { accept: json, 'if-none-match': discoveryTag }),
    get('/apis?pretty=true', { accept: aggregated }),
    ...['/apis/', '/apis/metrics.k8s.io/', `${api}/`].map((path) => get(path)),
  ];
}

/** Of the aggregated document, whose content never changes. */
const discoveryTag =
  '"358A59ADB76207FD91A611EE4E44AA35402A763B15DAFCCDA881CF87B1316E7F7BCF0A0AAF9F7D57EE70498199884A495CE5759E3A791DC934EA8FB4ABBD68F3"';
