// Pure: the modes of impersonation, and which of them a wish can be granted in.
import type { UserInfo } from '../kube/user.ts';
import { nodeOf, serviceAccountOf } from './user-names.ts';

/** `legacy` is the one of before KEP-5284. */
export type ImpersonationMode = 'associated-node' | 'arbitrary-node' | 'serviceaccount' | 'user-info' | 'legacy';

/** In the order in which they are tried: `last`, which worked for this caller the last time, then the narrow ones before the wide. */
export function modesFor(
  requestor: UserInfo,
  wanted: UserInfo,
  last: ImpersonationMode | undefined,
): readonly ImpersonationMode[] {
  const modes: readonly ImpersonationMode[] = [...boundModes(requestor, wanted), 'legacy'];
  return last === undefined || !modes.includes(last) ? modes : [last, ...modes.filter((mode) => mode !== last)];
}

/** Nodes and service accounts are asked for by name alone: what else they are follows from it. */
function boundModes(requestor: UserInfo, wanted: UserInfo): readonly ImpersonationMode[] {
  const isNameOnly = wanted.uid === '' && wanted.groups.length === 0 && Object.keys(wanted.extra).length === 0;
  const node = nodeOf(wanted.name);
  if (node !== undefined && isNameOnly) {
    return runsOn(requestor, node) ? ['associated-node', 'arbitrary-node'] : ['arbitrary-node'];
  }
  const isServiceAccount = serviceAccountOf(wanted.name) !== undefined;
  if (isServiceAccount && isNameOnly) return ['serviceaccount'];
  return node === undefined && !isServiceAccount ? ['user-info'] : [];
}

function runsOn({ name, extra }: UserInfo, node: string): boolean {
  const [own, ...more] = extra['authentication.kubernetes.io/node-name'] ?? [];
  return serviceAccountOf(name) !== undefined && more.length === 0 && own === node;
}
