// Pure: how far a usage ratio may stray from 1 before replicas change. docs/decision-math.md step 4.1.
import type { Behavior } from '../../crd/types.ts';
import type { DecideSettings } from './types.ts';

/** Usage ratios from `from` to `to`, both included, leave the replicas as they are. */
export interface ToleranceBand {
  readonly from: number;
  readonly to: number;
}

/** The band of one autoscaler: the global tolerance, replaced on either side by that direction's own when the gate allows. */
export function toleranceBand(behavior: Behavior | undefined, settings: DecideSettings): ToleranceBand {
  const own = settings.featureGates.HPAConfigurableTolerance ? behavior : undefined;
  const down = own?.scaleDown?.tolerance ?? settings.tolerance;
  const up = own?.scaleUp?.tolerance ?? settings.tolerance;
  return { from: 1 - down, to: 1 + up };
}

/** NaN is within no band. */
export function isWithin(band: ToleranceBand, usageRatio: number): boolean {
  return band.from <= usageRatio && usageRatio <= band.to;
}
