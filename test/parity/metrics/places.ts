// Pure: which of a world's namespaces, pods and nodes the requests name.
import { tenantNamespace } from './credentials.ts';
import { emptyNamespace } from './make-world.ts';
import type { World } from './model.ts';
import type { Places } from './request.ts';

export function choosePlaces({ nodes, pods }: World): Places {
  const nodeOfKind = (kind: string): string => need(nodes.find((node) => node.kind === kind)?.name, kind);
  const served = pods.find(({ namespace, shape, node }) => {
    return namespace === tenantNamespace && shape === 'one container' && nodes[node]?.kind === 'ordinary';
  });
  const ofShape = (shape: string) =>
    need(
      pods.find((pod) => pod.shape === shape),
      shape,
    );
  return {
    namespace: tenantNamespace,
    pod: need(served?.name, 'an ordinary pod of the tenant'),
    widePod: ofShape('amounts at which their suffix changes'),
    idlePod: ofShape('not reported'),
    emptyNamespace,
    node: nodeOfKind('ordinary'),
    silentNode: nodeOfKind('without an address'),
  };
}

function need<T>(found: T | undefined, what: string): T {
  if (found === undefined) throw new Error(`this seed has no ${what}: take another`);
  return found;
}
