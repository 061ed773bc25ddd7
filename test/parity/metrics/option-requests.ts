// Pure: what can stand in a query, and what cannot.
import type { Credential } from './credentials.ts';
import { api, getter, json, lines, type Places, partialList, protobuf, type Request, table } from './request.ts';

const labelSelectors = lines(`
  app=web
  app==web
  app!=web
  app in (web,db)
  app notin (web)
  app
  !app
  tier=front,app=db
  zone=a
  zone in (a, b),kind
  example.com/canary=
  app=
  app in ()
  app in (web
  app=web,
  ,app
  a b
  app>1
  version>1
  app gt 1
  =web
  app=web db
  -x=1
  ${'x'.repeat(64)}=1
  app=%
  a/b/c=1
  app~web
  app=WEB
`);

const fieldSelectors = (node: string, pod: string, namespace: string): readonly string[] =>
  lines(`
    metadata.name=${node}
    metadata.name=${pod}
    metadata.name!=${pod}
    metadata.name==${pod}
    metadata.namespace=${namespace}
    metadata.namespace!=${namespace}
    metadata.namespace=
    metadata.name=${pod},metadata.namespace=${namespace}
    spec.nodeName=x
    status.phase=Running
    x
    metadata.name
    =x
    metadata.name=a,
    metadata.name=a\\,b
    metadata.name=a\\b
    ,
  `);

/** As they stand in a URL. */
const otherQueries = lines(`
  limit=1
  limit=0
  limit=-1
  limit=abc
  limit=1.5
  limit=99999999999999999999
  limit=2&continue=x
  continue=abc
  resourceVersion=0
  resourceVersion=5
  resourceVersion=abc
  resourceVersionMatch=Exact
  resourceVersionMatch=Foo
  resourceVersion=0&resourceVersionMatch=Exact
  resourceVersion=5&resourceVersionMatch=NotOlderThan
  resourceVersion=5&resourceVersionMatch=Foo
  continue=a&resourceVersionMatch=Exact
  continue=a&resourceVersion=1&resourceVersionMatch=Exact
  sendInitialEvents=true
  sendInitialEvents=abc
  watch=true
  watch=1
  watch=false
  watch=0
  watch=abc
  watch=
  watch
  watch=true&resourceVersionMatch=Foo
  watch=true&labelSelector=x+in
  watch=true&sendInitialEvents=true
  watch=true&sendInitialEvents=true&resourceVersionMatch=NotOlderThan
  watch=true&timeoutSeconds=1
  timeoutSeconds=5
  timeoutSeconds=abc
  allowWatchBookmarks=true
  allowWatchBookmarks=abc
  shardSelector=x
  nonsense=1
  timeout=5s
  timeout=abc
  timeout=0
  timeout=-1s
  timeout=1h
  timeout=
  timeout=5
  timeout=1.5s
  timeout=5s&timeout=abc
  labelSelector=app%3Dweb&labelSelector=app%3Ddb
  LABELSELECTOR=app%3Dweb
  labelSelector=%zz
  labelSelector=a;b
  labelSelector=app+in+(web)
  labelSelector=app%20in%20(web)
  &&&
  =
  a=b;c=d
  pretty
  pretty&pretty=true
  export=true
  export=false
  export=abc
  exact=true
  kind=Foo
  apiVersion=v2
`);

export function optionRequests(admin: Credential, places: Places): readonly Request[] {
  const { node, pod, namespace } = places;
  const get = getter('options', admin);
  const lists = [`${api}/nodes`, `${api}/pods`, `${api}/namespaces/${namespace}/pods`];
  const objects = [`${api}/nodes/${node}`, `${api}/namespaces/${namespace}/pods/${pod}`];
  const selectors = [
    ...labelSelectors.map((value) => `labelSelector=${encodeURIComponent(value)}`),
    ...fieldSelectors(node, pod, namespace).map((value) => `fieldSelector=${encodeURIComponent(value)}`),
  ];
  return [
    ...[...selectors, ...otherQueries].flatMap((query) => lists.map((path) => get(`${path}?${query}`))),
    ...[...selectors.slice(0, 3), ...otherQueries].flatMap((query) => objects.map((path) => get(`${path}?${query}`))),
    ...[table, partialList, protobuf].map((accept) => get(`${api}/pods?labelSelector=nothing%3Dfits`, { accept })),
    ...[table, protobuf].map((accept) => get(`${api}/pods?labelSelector=x+in`, { accept })),
    get(`${api}/pods?watch=true`, { accept: `${json};stream=watch` }),
  ];
}
