// Pure: everybody asks for everything, directly and through the API server in front.
import type { Credential } from './credentials.ts';
import {
  administrator,
  api,
  getter,
  json,
  lines,
  type Places,
  partialList,
  protobuf,
  type Request,
  table,
  yaml,
} from './request.ts';

export function accessRequests(
  credentials: readonly Credential[],
  { node, namespace, pod }: Places,
): readonly Request[] {
  const paths = lines(`
    /
    /nope
    /version
    /healthz
    /healthz/ping
    /livez?verbose
    /readyz
    /readyz/shutdown
    /metrics
    /openapi/v2
    /debug/pprof/
    /statusz
    /apis
    /apis/metrics.k8s.io
    ${api}
    ${api}/foo
    ${api}/nodes
    ${api}/nodes/${node}
    ${api}/nodes?fieldSelector=metadata.name%3D${node}
    ${api}/pods
    ${api}/pods?watch=true
    ${api}/namespaces/${namespace}/pods
    ${api}/namespaces/${namespace}/pods/${pod}
  `);
  return credentials.flatMap((credential) => {
    const get = getter('access', credential);
    return [
      ...paths.map((path) => get(path)),
      { ...get(`${api}/nodes`), method: 'POST' },
      { ...get(`${api}/nodes/${node}`), method: 'DELETE' },
      get(`${api}/nodes`, { accept: table }),
      get(`${api}/nodes/${node}`, { accept: protobuf }),
    ];
  });
}

/** The API server adds its own headers, takes some away, and speaks for whoever asked it. */
export function aggregatedRequests(
  credentials: readonly Credential[],
  { node, namespace, pod, emptyNamespace, widePod }: Places,
): readonly Request[] {
  const paths = lines(`
    /apis/metrics.k8s.io
    ${api}
    ${api}/foo
    ${api}/nodes
    ${api}/nodes?pretty=true
    ${api}/nodes?timeout=abc
    ${api}/nodes/${node}
    ${api}/nodes/nope
    ${api}/pods
    ${api}/pods?limit=1
    ${api}/pods?watch=true
    ${api}/pods?labelSelector=app+in+%28web%2Cdb%29
    ${api}/pods?fieldSelector=metadata.name%3D${pod}
    ${api}/pods?fieldSelector=x
    ${api}/namespaces/${namespace}/pods
    ${api}/namespaces/${emptyNamespace}/pods
    ${api}/namespaces/${namespace}/pods/${pod}
    ${api}/namespaces/${namespace}/pods/nope
  `);
  const accepts = [
    json,
    protobuf,
    `${protobuf}, */*`,
    `${table},${json}`,
    partialList,
    yaml,
    'application/cbor',
    'text/html',
  ];
  const lists = [`${api}/nodes`, `${api}/namespaces/${widePod.namespace}/pods`, `${api}/pods`];
  const methods = ['POST', 'DELETE', 'PUT', 'PATCH', 'HEAD', 'OPTIONS'];
  const byAdministrator = credentials.filter(({ name }) => name === administrator);
  // What the front proxy may say, nobody may say to the API server itself.
  const byOthers = credentials.filter(({ name }) => !name.startsWith('front proxy'));
  return [
    ...byAdministrator.flatMap((admin) => {
      const get = getter('aggregator', admin);
      return [
        ...paths.map((path) => get(path)),
        ...lists.flatMap((path) => accepts.map((accept) => get(path, { accept }))),
        ...['gzip', 'identity'].map((zip) => get(`${api}/pods`, { 'accept-encoding': zip })),
        ...['curl/8.5.0', 'kubectl'].map((agent) => get(`${api}/nodes/${node}`, { 'user-agent': agent })),
        ...methods.map((method) => ({ ...get(`${api}/nodes/${node}`), method })),
      ];
    }),
    ...byOthers.flatMap((credential) => {
      const get = getter('aggregator', credential);
      return [get(`${api}/nodes/${node}`), get(`${api}/namespaces/${namespace}/pods`)];
    }),
  ];
}
