// A PodRecord as the rest of the program sees it: what it computes when asked stands beside what it holds.
import type { PodRecord } from '../../src/kube/pod-record.ts';
import type { PodView } from '../../src/lib/views.ts';

export function viewOf(pod: PodRecord): PodView {
  const { namespace, name, labels, nodeName, phase, deleting, startedAtMs, ready, template } = pod;
  return { namespace, name, labels, nodeName, phase, deleting, startedAtMs, ready, template };
}
