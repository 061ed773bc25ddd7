// Pure: the requests that show a world as it is at one step.
import type { Credential } from './credentials.ts';
import type { World } from './model.ts';
import { api, getter, json, lines, type Places, partialList, protobuf, type Request, table, yaml } from './request.ts';

/** What a client sees that comes before there is anything to serve. */
export function earlyRequests(admin: Credential, places: Places): readonly Request[] {
  const { node, namespace, pod, emptyNamespace } = places;
  const get = getter('too early', admin);
  const paths = lines(`
    /healthz?verbose
    /livez
    /livez?verbose
    /readyz
    /readyz?verbose
    /readyz?exclude=metric-storage-ready
    /readyz?verbose&exclude=metric-storage-ready
    /readyz/metric-storage-ready
    ${api}/nodes/${node}
    ${api}/namespaces/${namespace}/pods/${pod}
  `);
  const lists = [`${api}/nodes`, `${api}/pods`, `${api}/namespaces/${emptyNamespace}/pods`];
  const accepts = [json, table, protobuf, partialList, yaml, `${json};pretty=1`];
  return [
    ...paths.map((path) => get(path)),
    ...lists.flatMap((path) => accepts.map((accept) => get(path, { accept }))),
  ];
}

/** The lists, in each form that programs ask for. */
export function listRequests(admin: Credential, namespaces: readonly string[]): readonly Request[] {
  const get = getter('lists', admin);
  const paths = [`${api}/nodes`, `${api}/pods`, ...namespaces.map((name) => `${api}/namespaces/${name}/pods`)];
  return paths.flatMap((path) => [json, protobuf, table].map((accept) => get(path, { accept })));
}

/** Each node and each pod by itself. */
export function itemRequests(admin: Credential, { nodes, pods }: World): readonly Request[] {
  const get = getter('items', admin);
  return [
    ...nodes.map(({ name, kind }) => ({ ...get(`${api}/nodes/${name}`), example: kind })),
    ...pods.map(({ namespace, name, shape, node }) => {
      const kind = nodes[node]?.kind ?? 'ordinary';
      return {
        ...get(`${api}/namespaces/${namespace}/pods/${name}`),
        example: kind === 'ordinary' ? shape : kind,
      };
    }),
  ];
}
