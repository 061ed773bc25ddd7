// Pure: how an autoscaler speaks of its target. docs/decision-math.md steps 1 and 2.1.
import type { Autoscaler } from '../../crd/types.ts';

/** `Kind/namespace/name`, as in errors. */
export function targetReference({ namespace, spec }: Pick<Autoscaler, 'namespace' | 'spec'>): string {
  return `${spec.scaleTargetRef.kind}/${namespace}/${spec.scaleTargetRef.name}`;
}

/** 2.1 */
export function effectiveMinReplicas({ spec }: Pick<Autoscaler, 'spec'>): number {
  return spec.minReplicas ?? 1;
}
