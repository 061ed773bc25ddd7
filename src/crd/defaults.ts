// Pure: what autoscaling/v2 fills in when a spec leaves it out (k8s.io/kubernetes pkg/apis/autoscaling/v2/defaults.go). The API server has done it
// for an HPA; for an HRA the CRD schema does most of it. The one table below feeds the schema and the reading of objects, so both agree.
import { isJsonObject, type JsonObject } from './json-node.ts';

/** Values for absent fields, in the form they have on the wire. A scaleDown window is left to --horizontal-pod-autoscaler-downscale-stabilization. */
export const specDefaults = {
  minReplicas: 1,
  metrics: [{ type: 'Resource', resource: { name: 'cpu', target: { type: 'Utilization', averageUtilization: 80 } } }],
  behavior: {
    scaleUp: {
      stabilizationWindowSeconds: 0,
      selectPolicy: 'Max',
      policies: [
        { type: 'Pods', value: 4, periodSeconds: 15 },
        { type: 'Percent', value: 100, periodSeconds: 15 },
      ],
    },
    scaleDown: {
      selectPolicy: 'Max',
      policies: [{ type: 'Percent', value: 100, periodSeconds: 15 }],
    },
  },
} as const;

/**
 * The spec with every default filled in; a complete spec comes back equal. An empty list of metrics counts as absent, an empty list of policies
 * does not; behavior stays absent when it is, and is completed in both directions when it is there (docs/autoscaling.md 1.2).
 */
export function withDefaults(spec: JsonObject): JsonObject {
  const metrics = spec['metrics'] ?? [];
  return {
    ...spec,
    minReplicas: spec['minReplicas'] ?? specDefaults.minReplicas,
    metrics: Array.isArray(metrics) && metrics.length === 0 ? specDefaults.metrics : metrics,
    behavior: completed(spec['behavior'], (behavior) => ({
      ...behavior,
      scaleUp: rulesWithDefaults(behavior['scaleUp'], specDefaults.behavior.scaleUp),
      scaleDown: rulesWithDefaults(behavior['scaleDown'], specDefaults.behavior.scaleDown),
    })),
  };
}

function rulesWithDefaults(rules: unknown, defaults: JsonObject): unknown {
  return completed(rules ?? {}, (given) => ({
    ...defaults,
    ...Object.fromEntries(Object.entries(given).filter(([, value]) => value !== null && value !== undefined)),
  }));
}

/** Anything but an object is passed on, for the reader to refuse with its path. */
function completed(value: unknown, complete: (object: JsonObject) => JsonObject): unknown {
  return isJsonObject(value) ? complete(value) : value;
}
