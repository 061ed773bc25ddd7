// Pure: what is new in a status. docs/autoscaling.md 4.3.
import { printColumns } from '../crd/print-columns.ts';
import type { Autoscaler, AutoscalerStatus } from '../crd/types.ts';
import { differsInValuesOnly, isSameStatus } from './decide/same-status.ts';

export type StatusChange =
  /** The stored status says it already. */
  | 'none'
  /** The same metrics have other values; usage is never quite the same. */
  | 'values'
  /** Something that was not known: a condition, replicas, another metric. */
  | 'news';

/** How `status` differs from the one that is stored. */
export function statusChange(autoscaler: Autoscaler, status: AutoscalerStatus): StatusChange {
  const stored = autoscaler.status;
  if (isSameStatus(stored, status)) return isPrinted(autoscaler) ? 'none' : 'news';
  return differsInValuesOnly(stored, status) && isPrinted(autoscaler) ? 'values' : 'news';
}

/** Whether the columns of an HRA are those of its spec and its stored status. */
function isPrinted({ kind, spec, status, printed }: Autoscaler): boolean {
  if (kind !== 'HeadroomAutoscaler') return true;
  const { reference, targets } = printColumns(spec, status);
  return printed?.reference === reference && printed.targets === targets;
}
