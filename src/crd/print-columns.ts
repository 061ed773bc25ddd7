// Pure: the REFERENCE and TARGETS columns of `kubectl get hpa`, which the API server computes for HPAs (k8s.io/kubernetes
// pkg/printers/internalversion) and we compute for HRAs. docs/autoscaling.md 1.4.
import { formatBinaryMilli, formatDecimalMilli } from '../lib/quantity.ts';
import { formatMilli } from './render.ts';
import type {
  AutoscalerSpec,
  AutoscalerStatus,
  MetricSpec,
  MetricStatus,
  MetricTarget,
  PrintedColumns,
} from './types.ts';

const shownMetrics = 2;

/** The columns for a spec and the status decided for it: entry i of currentMetrics belongs to metric i. */
export function printColumns(spec: AutoscalerSpec, status: AutoscalerStatus): PrintedColumns {
  const items = spec.metrics.map((metric, index) => printMetric(metric, status.currentMetrics?.[index]));
  const hidden = items.length - shownMetrics;
  const more = hidden > 0 ? ` + ${hidden} more...` : '';
  return {
    reference: `${spec.scaleTargetRef.kind}/${spec.scaleTargetRef.name}`,
    targets: items.length === 0 ? '<none>' : items.slice(0, shownMetrics).join(', ') + more,
  };
}

function printMetric(metric: MetricSpec, status: MetricStatus | undefined): string {
  if (metric.type === 'Unknown') return '<unknown type>';
  const { target } = metric;
  const resource = 'resource' in metric ? metric.resource : '';
  const isMissing = status?.type !== metric.type;
  const current = isMissing ? undefined : status.current;
  const pair = (field: 'valueMilli' | 'averageValueMilli'): string =>
    `${isMissing ? '<unknown>' : quantity(current?.[field], resource)}/${amount(target, field)}`;

  if (resource !== '') {
    if (target.averageValueMilli !== undefined) return `${resource}: ${pair('averageValueMilli')}`;
    return `${resource}: ${percent(current?.averageUtilization, '<unknown>')}/${percent(target.averageUtilization, '<auto>')}`;
  }
  if (metric.type === 'Pods') return pair('averageValueMilli');
  return target.averageValueMilli === undefined ? pair('valueMilli') : `${pair('averageValueMilli')} (avg)`;
}

function quantity(milli: bigint | undefined, resource: string): string {
  return milli === undefined ? '<nil>' : formatMilli(milli, resource);
}

/** As it was written, but for the form: `1000M` is `1G`, `1024Mi` is `1Gi`. */
function amount(target: MetricTarget, field: 'valueMilli' | 'averageValueMilli'): string {
  const milli = target[field];
  if (milli === undefined) return '<nil>';
  return target.isBinary === true ? formatBinaryMilli(milli) : formatDecimalMilli(milli);
}

function percent(value: number | undefined, absent: string): string {
  return value === undefined ? absent : `${value}%`;
}
