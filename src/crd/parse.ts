// Pure: JSON of an autoscaling/v2 HorizontalPodAutoscaler or a HeadroomAutoscaler -> Autoscaler. The two kinds have the same shape.
import { errorMessage, HeadroomError } from '../lib/errors.ts';
import { parseQuantityMilli, parseQuantityNumber } from '../lib/quantity.ts';
import { withDefaults } from './defaults.ts';
import { JsonNode } from './json-node.ts';
import { parseMetricIdentifier, parseReference } from './parse-names.ts';
import { parseStatus } from './parse-status.ts';
import { apiVersionOf, autoscalerResources } from './resources.ts';
import type {
  Autoscaler,
  AutoscalerKind,
  AutoscalerSpec,
  Behavior,
  MetricSpec,
  MetricTarget,
  ScalingRules,
} from './types.ts';

/**
 * Reads an object as the API server serves it, with defaults filled in. Throws HeadroomError OBJECT_INVALID, with the path of the first wrong
 * field, for an object that cannot be decided on; a wrong status is no reason: it is read as empty and written anew.
 */
export function parseAutoscaler(object: unknown, kind: AutoscalerKind): Autoscaler {
  const root = new JsonNode(object);
  const metadata = root.get('metadata').required();
  const namespace = metadata.get('namespace').requiredText();
  const name = metadata.get('name').requiredText();
  try {
    return {
      kind,
      apiVersion: apiVersionOf(autoscalerResources[kind]),
      namespace,
      name,
      uid: metadata.get('uid').text(),
      resourceVersion: metadata.get('resourceVersion').text(),
      spec: parseSpec(new JsonNode(withDefaults(root.get('spec').object()), 'spec')),
      ...parseStatus(root.get('status')),
      ...parseStatusWriters(metadata.get('managedFields')),
    };
  } catch (error) {
    throw new HeadroomError('OBJECT_INVALID', `${kind} ${namespace}/${name}: ${errorMessage(error)}`, {
      cause: error,
      retryable: false,
    });
  }
}

/** The API server gives an entry a new time whenever its manager changes anything. */
function parseStatusWriters(managedFields: JsonNode): Pick<Autoscaler, 'statusWriters'> {
  const entries = managedFields.items().filter((entry) => entry.get('subresource').text() === 'status');
  if (entries.length === 0) return {};
  return { statusWriters: entries.map((entry) => `${entry.get('manager').text()} ${entry.get('time').text()}`) };
}

function parseSpec(spec: JsonNode): AutoscalerSpec {
  return {
    scaleTargetRef: parseReference(spec.get('scaleTargetRef').required()),
    minReplicas: spec.get('minReplicas').optionalInteger(),
    maxReplicas: spec.get('maxReplicas').integer(),
    metrics: spec.get('metrics').items().map(parseMetric),
    behavior: spec.get('behavior').optional(parseBehavior),
  };
}

function parseMetric(node: JsonNode): MetricSpec {
  const type = node.get('type').text();
  switch (type) {
    case 'Resource': {
      const source = node.get('resource').required();
      return { type, resource: source.get('name').text(), target: parseTarget(source) };
    }
    case 'ContainerResource': {
      const source = node.get('containerResource').required();
      const resource = source.get('name').text();
      return { type, resource, container: source.get('container').text(), target: parseTarget(source) };
    }
    case 'Pods': {
      const source = node.get('pods').required();
      return { type, metric: parseMetricIdentifier(source), target: parseTarget(source) };
    }
    case 'Object': {
      const source = node.get('object').required();
      const describedObject = parseReference(source.get('describedObject').required());
      return { type, metric: parseMetricIdentifier(source), describedObject, target: parseTarget(source) };
    }
    case 'External': {
      const source = node.get('external').required();
      return { type, metric: parseMetricIdentifier(source), target: parseTarget(source) };
    }
    default:
      return { type: 'Unknown', name: type };
  }
}

function parseTarget(source: JsonNode): MetricTarget {
  const target = source.get('target').required();
  // The one of both that is printed.
  const amount = target.get(target.get('averageValue').isAbsent ? 'value' : 'averageValue');
  return {
    type: target.get('type').text(),
    valueMilli: target.get('value').optionalQuantity(parseQuantityMilli),
    averageValueMilli: target.get('averageValue').optionalQuantity(parseQuantityMilli),
    averageUtilization: target.get('averageUtilization').optionalInteger(),
    ...(amount.optionalQuantity((text) => text.trimEnd().endsWith('i')) === true && { isBinary: true }),
  };
}

function parseBehavior(node: JsonNode): Behavior {
  return {
    scaleUp: node.get('scaleUp').optional(parseRules),
    scaleDown: node.get('scaleDown').optional(parseRules),
  };
}

function parseRules(node: JsonNode): ScalingRules {
  return {
    stabilizationWindowSeconds: node.get('stabilizationWindowSeconds').optionalInteger(),
    selectPolicy: node.get('selectPolicy').text(),
    policies: node
      .get('policies')
      .items()
      .map((policy) => ({
        type: policy.get('type').text(),
        value: policy.get('value').integer(),
        periodSeconds: policy.get('periodSeconds').integer(),
      })),
    tolerance: node.get('tolerance').optionalQuantity(parseQuantityNumber),
  };
}
