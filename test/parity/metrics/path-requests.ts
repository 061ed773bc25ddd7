// Pure: paths and methods, right and wrong.
import type { Credential } from './credentials.ts';
import { api, getter, json, lines, type Places, protobuf, type Request } from './request.ts';

const healthPaths = lines(`
  /healthz
  /livez
  /readyz
  /healthz/
  /readyz/ping
  /readyz/ping/
  /livez/ping
  /livez/foo
  /healthz/ping
  /healthz?verbose
  /healthz?pretty=true
  /livez?verbose
  /readyz?verbose
  /readyz?verbose=false
  /readyz?exclude=ping
  /readyz?verbose&exclude=ping
  /readyz?verbose&exclude=nope&exclude=nix
  /livez?exclude=nope
  /livez?exclude=metric-collection-timely&verbose
  /readyz/metric-storage-ready
  /readyz/metric-informer-sync
  /readyz/metadata-informer-sync
  /readyz/shutdown
  /readyz/log
  /readyz/log?verbose
  /readyz/poststarthook/max-in-flight-filter
  /livez/metric-collection-timely
  /livez/metadata-informer-sync
  /livez/log
  /healthz/metadata-informer-sync
  /healthz/log
`);

const ownPaths = lines(`
  /
  //
  /nope
  /api
  /api/v1
  /apis/
  /apis/nope
  /apis/nope/v1
  /apis/apps/v1
  /%2e%2e/apis
  /apis/../apis
  /apis/metrics.k8s.io/v1
  /apis/metrics.k8s.io/v1beta1%2Fnodes
  /version
  /version/
  /openapi
  /openapi/v2
  /openapi/v3
  /openapi/v3/
  /openapi/v3/nope
  /swagger.json
  /metrics
  /metrics/
  /metrics/cadvisor
  /statusz
  /flagz
  /configz
  /logs
  /debug/pprof/
`);

/** Below the group and version. */
const apiPaths = ({ node, namespace, pod, silentNode, idlePod }: Places): readonly string[] =>
  lines(`
    /foo
    /nodes/
    //nodes
    /NODES
    /nodes/${node}/
    /nodes/${node}/status
    /nodes/${node}/a/b
    /nodes/${silentNode}
    /nodes/UPPER
    /nodes/a%2Fb
    /nodes/a%20b
    /nodes/a%3Fb
    /nodes/%C3%A9
    /nodes/%ff
    /nodes/%00
    /nodes/%
    /nodes/%2e%2e/pods
    /nodes/${'x'.repeat(300)}
    /pods/
    /pods/${pod}
    /namespaces
    /namespaces/
    /namespaces/${namespace}
    /namespaces/${namespace}/
    /namespaces//pods
    /namespaces/nope/pods
    /namespaces/nope/pods/${pod}
    /namespaces/${namespace}/nodes
    /namespaces/${namespace}/pods/
    /namespaces/${namespace}/pods/${pod}/
    /namespaces/${namespace}/pods/${pod}/log
    /namespaces/${namespace}/pods/a%2Fb
    /namespaces/${idlePod.namespace}/pods/${idlePod.name}
    /watch/nodes
    /watch/nodes/${node}
    /watch/pods
    /watch/namespaces/${namespace}/pods
    /proxy/nodes/x
  `).map((path) => `${api}${path}`);

const methods = ['POST', 'PUT', 'PATCH', 'DELETE', 'HEAD', 'OPTIONS', 'PROPFIND', 'FOO'];

export function pathRequests(admin: Credential, places: Places): readonly Request[] {
  const { node, namespace, pod } = places;
  const get = getter('paths', admin);
  const one = `${api}/nodes/${node}`;
  const targets = lines(`
    ${api}/nodes
    ${one}
    ${api}/namespaces/${namespace}/pods/${pod}
    ${api}
    /apis
    /healthz
    /version
    /nope
    /readyz/ping
    /openapi/v2
    /metrics
  `);
  return [
    ...[...ownPaths, ...apiPaths(places), ...healthPaths].map((path) => get(path)),
    ...methods.flatMap((method) => targets.map((path) => ({ ...get(path), method }))),
    ...['POST', 'PUT', 'PATCH'].map((method) => ({
      ...get(one, { 'content-type': json }),
      method,
      body: '{"kind":"Nonsense"}',
    })),
    ...headersOf(one).map((headers) => get(one, headers)),
    get('/healthz', { accept: 'text/html' }),
    get('/version', { accept: protobuf }),
    get('/openapi/v2', { accept: 'text/html' }),
    get('/openapi/v3', { accept: 'text/html' }),
    get('/openapi/v2', { accept: 'application/com.github.proto-openapi.spec.v2@v1.0+protobuf' }),
  ];
}

/** Headers that change something, or look as if they did. */
function headersOf(path: string): readonly Request['headers'][] {
  return [
    { 'audit-id': 'mine' },
    { 'audit-id': '' },
    { origin: 'https://example.com' },
    { 'x-http-method-override': 'DELETE' },
    { 'x-original-url': path },
    { range: 'bytes=0-9' },
    { 'if-none-match': '*', 'if-modified-since': 'Mon, 01 Jan 2035 00:00:00 GMT' },
    { connection: 'close' },
    { accept: [json, 'text/html'] },
    { expect: '100-continue' },
  ];
}
