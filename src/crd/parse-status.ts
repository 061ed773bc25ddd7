// Pure: reads the status of an autoscaler. It is ours to write, so nothing in it may keep an autoscaler from being decided on.
import { parseQuantityMilli } from '../lib/quantity.ts';
import { parseTimeMs } from '../lib/time.ts';
import type { JsonNode } from './json-node.ts';
import { parseMetricIdentifier, parseReference } from './parse-names.ts';
import type { AutoscalerStatus, Condition, MetricStatus, MetricValueStatus, PrintedColumns } from './types.ts';

const emptyStatus: AutoscalerStatus = {
  observedGeneration: undefined,
  lastScaleAtMs: undefined,
  currentReplicas: 0,
  desiredReplicas: 0,
  currentMetrics: undefined,
  conditions: [],
};

/** Status and printed columns; those of an object that was never reconciled when they are absent or malformed. */
export function parseStatus(node: JsonNode): { status: AutoscalerStatus; printed: PrintedColumns } {
  try {
    return {
      status: readStatus(node),
      printed: { reference: node.get('reference').text(), targets: node.get('targets').text() },
    };
  } catch {
    return { status: emptyStatus, printed: { reference: '', targets: '' } };
  }
}

function readStatus(node: JsonNode): AutoscalerStatus {
  return {
    observedGeneration: node.get('observedGeneration').optionalInteger(),
    lastScaleAtMs: parseTimeMs(node.get('lastScaleTime').optionalText()),
    currentReplicas: node.get('currentReplicas').optionalInteger() ?? 0,
    desiredReplicas: node.get('desiredReplicas').optionalInteger() ?? 0,
    currentMetrics: node.get('currentMetrics').optional((list) => list.items().map(readMetricStatus)),
    conditions: node.get('conditions').items().map(readCondition),
  };
}

function readMetricStatus(node: JsonNode): MetricStatus {
  const type = node.get('type').text();
  switch (type) {
    case 'Resource': {
      const source = node.get('resource').required();
      return { type, resource: source.get('name').text(), current: readCurrent(source) };
    }
    case 'ContainerResource': {
      const source = node.get('containerResource').required();
      const resource = source.get('name').text();
      return { type, resource, container: source.get('container').text(), current: readCurrent(source) };
    }
    case 'Pods': {
      const source = node.get('pods').required();
      return { type, metric: parseMetricIdentifier(source), current: readCurrent(source) };
    }
    case 'Object': {
      const source = node.get('object').required();
      const describedObject = parseReference(source.get('describedObject'));
      return { type, metric: parseMetricIdentifier(source), describedObject, current: readCurrent(source) };
    }
    case 'External': {
      const source = node.get('external').required();
      return { type, metric: parseMetricIdentifier(source), current: readCurrent(source) };
    }
    default:
      return { type: 'Failed' };
  }
}

function readCurrent(source: JsonNode): MetricValueStatus {
  const current = source.get('current');
  return {
    valueMilli: current.get('value').optionalQuantity(parseWrittenMilli),
    averageValueMilli: current.get('averageValue').optionalQuantity(parseWrittenMilli),
    averageUtilization: current.get('averageUtilization').optionalInteger(),
  };
}

/**
 * The inverse of what render.ts writes, also at the ends of int64, where MilliValue turns `-9223372036854775808m` - upstream's average
 * over no pods - into 0, and the status would seem to differ for ever.
 */
function parseWrittenMilli(text: string): bigint {
  return /^-?[0-9]+m$/.test(text) ? BigInt(text.slice(0, -1)) : parseQuantityMilli(text);
}

function readCondition(node: JsonNode): Condition {
  const status = node.get('status').text();
  return {
    type: node.get('type').text(),
    status: status === 'True' || status === 'False' ? status : 'Unknown',
    reason: node.get('reason').text(),
    message: node.get('message').text(),
    lastTransitionAtMs: parseTimeMs(node.get('lastTransitionTime').optionalText()),
  };
}
