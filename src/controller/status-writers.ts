// Pure: who writes statuses of autoscalers, by metadata.managedFields.
import type { Autoscaler } from '../crd/types.ts';

/** The manager of what we write: by it replicas of Headroom know each other's writes from anybody else's. */
export const statusManager = 'headroom';

/** Who wrote the status of an object between two of its versions, replicas of Headroom left out: `kube-controller-manager 2026-11-21T15:19:17Z`. */
export function newForeignWriters(
  { uid, statusWriters = [] }: Autoscaler,
  previous: Autoscaler | undefined,
): readonly string[] {
  if (previous === undefined || previous.uid !== uid) return [];
  const known = new Set(previous.statusWriters);
  return statusWriters.filter((writer) => !known.has(writer) && !writer.startsWith(`${statusManager} `));
}
