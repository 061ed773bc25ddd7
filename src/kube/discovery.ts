// Edge: what resources the API server serves, group by group.
import { HeadroomError } from '../lib/errors.ts';
import { ApiStatusError } from './api-status-error.ts';
import { arrayOf, fieldsOf, textOf } from './raw-object.ts';
import type { ApiClient } from './types.ts';

/** A kind that the API server serves. */
export interface ServedResource {
  readonly group: string;
  readonly version: string;
  /** Plural, as in paths: `deployments`. */
  readonly resource: string;
  readonly kind: string;
  readonly namespaced: boolean;
  /** `autoscaling/v1` as a rule; undefined when the resource has no scale subresource. */
  readonly scaleApiVersion: string | undefined;
}

/** Group -> its versions, the preferred one first. The core group '' has `v1`. */
export type ServedGroups = ReadonlyMap<string, readonly string[]>;

/** One request, which names all groups of the server. */
export async function discoverGroups(client: ApiClient): Promise<ServedGroups> {
  const list: unknown = await client.request({ method: 'GET', path: '/apis' });
  const groups = new Map<string, readonly string[]>([['', ['v1']]]);
  for (const raw of arrayOf(fieldsOf(list)['groups'])) {
    const group = fieldsOf(raw);
    const versions = arrayOf(group['versions']).map((version) => textOf(fieldsOf(version)['version']));
    const preferred = textOf(fieldsOf(group['preferredVersion'])['version']);
    groups.set(
      textOf(group['name']),
      versions.toSorted((a, b) => Number(b === preferred) - Number(a === preferred)),
    );
  }
  return groups;
}

/** The resources of a group; each in the first of these versions that has it. One request per version. */
export async function discoverResources(
  client: ApiClient,
  group: string,
  versions: readonly string[],
): Promise<readonly ServedResource[]> {
  const found: ServedResource[] = [];
  for (const version of versions) {
    const known = new Set(found.map(({ resource }) => resource));
    const served = await discoverVersion(client, group, version);
    found.push(...served.filter(({ resource }) => !known.has(resource)));
  }
  return found;
}

/** `/api/v1`, `/apis/apps/v1`. */
export function groupVersionPath(group: string, version: string): string {
  return group === '' ? `/api/${version}` : `/apis/${group}/${version}`;
}

/** An aggregated version whose server is away has no resources for now; client-go passes over it too. */
async function discoverVersion(client: ApiClient, group: string, version: string): Promise<ServedResource[]> {
  try {
    const path = groupVersionPath(group, version);
    return resourcesOf(group, version, await client.request({ method: 'GET', path }));
  } catch (error) {
    if (error instanceof ApiStatusError) return [];
    throw error;
  }
}

function resourcesOf(group: string, version: string, list: unknown): ServedResource[] {
  const entries = arrayOf(fieldsOf(list)['resources']).map(fieldsOf);
  const byName = new Map(entries.map((entry) => [textOf(entry['name']), entry]));
  return entries.flatMap((entry) => {
    const resource = textOf(entry['name']);
    if (resource === '' || resource.includes('/')) return [];
    const scale = byName.get(`${resource}/scale`);
    const kind = textOf(entry['kind']);
    const namespaced = entry['namespaced'] === true;
    return [{ group, version, resource, kind, namespaced, scaleApiVersion: scaleApiVersion(group, version, scale) }];
  });
}

/** A subresource of another group says which; otherwise it is of its resource's own. */
function scaleApiVersion(
  group: string,
  version: string,
  scale: Readonly<Record<string, unknown>> | undefined,
): string | undefined {
  if (scale === undefined) return undefined;
  const scaleGroup = textOf(scale['group']);
  if (scaleGroup !== '') return `${scaleGroup}/${textOf(scale['version'])}`;
  return group === '' ? version : `${group}/${version}`;
}

/** No resource of that kind is served: `no matches for kind "Foo" in group "example.com"`. */
export function kindUnknown(kind: string, group: string): HeadroomError {
  return new HeadroomError('KIND_UNKNOWN', `no matches for kind "${kind}" in group "${group}"`);
}
