// Edge: kind and group -> resource, by discovery, remembered for a while.
import type { Clock } from '../lib/clock.ts';
import { errorMessage, HeadroomError } from '../lib/errors.ts';
import { discoverGroups, discoverResources, kindUnknown, type ServedGroups, type ServedResource } from './discovery.ts';
import type { ApiClient } from './types.ts';
import { untilAborted } from './until-aborted.ts';

export interface RestMapperOptions {
  readonly client: ApiClient;
  readonly clock: Clock;
}

export interface RestMapper {
  /**
   * The resource of a kind, in the group's preferred version when that has it. The kind may be written in lower case, as client-go's mapper
   * allows. Throws HeadroomError KIND_UNKNOWN (`no matches for kind …`), or what the client throws when discovery fails. Discovery is shared by all who
   * ask, so the signal ends the waiting, not the request.
   */
  resourceFor(kind: string, group: string, signal?: AbortSignal): Promise<ServedResource>;
}

/** What discovery said is believed this long. */
const cacheMs = 30_000;

/** A kind that is missing is looked for again when the cache is older than this: many HPAs with a wrong kind must not flood the server. */
const missCacheMs = 5_000;

/** What discovery said at one time. Resources of a group are read when they are first asked for. */
interface Snapshot {
  readonly takenAtMs: number;
  readonly groups: Promise<ServedGroups>;
  readonly resources: Map<string, Promise<readonly ServedResource[]>>;
}

export function createRestMapper({ client, clock }: RestMapperOptions): RestMapper {
  let current: Snapshot | undefined;

  const snapshot = (maxAgeMs: number): Snapshot => {
    const nowMs = clock.monotonic();
    if (current !== undefined && nowMs - current.takenAtMs < maxAgeMs) return current;
    const taken: Snapshot = { takenAtMs: nowMs, groups: discoverGroups(client), resources: new Map() };
    current = taken;
    // A failure is not remembered.
    taken.groups.catch(() => {
      if (current === taken) current = undefined;
    });
    return taken;
  };

  const find = async (
    { groups, resources }: Snapshot,
    kind: string,
    group: string,
  ): Promise<ServedResource | undefined> => {
    const versions = (await groups).get(group);
    if (versions === undefined) return undefined;
    let served = resources.get(group);
    if (served === undefined) {
      served = discoverResources(client, group, versions);
      resources.set(group, served);
      served.catch(() => resources.delete(group));
    }
    return (await served).find((resource) => isOfKind(resource, kind));
  };

  return {
    resourceFor: async (kind, group, signal) => {
      for (const maxAgeMs of [cacheMs, missCacheMs]) {
        const found = await untilGivenUp(find(snapshot(maxAgeMs), kind, group), signal);
        if (found !== undefined) return found;
      }
      throw kindUnknown(kind, group);
    },
  };
}

async function untilGivenUp<T>(discovery: Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  try {
    return await untilAborted(discovery, signal);
  } catch (error) {
    if (error instanceof HeadroomError || signal?.aborted !== true) throw error;
    throw new HeadroomError('API_REQUEST_FAILED', `discovery: given up: ${errorMessage(error)}`, { cause: error });
  }
}

function isOfKind(resource: ServedResource, kind: string): boolean {
  return resource.kind === kind || resource.kind.toLowerCase() === kind;
}
