// Pure: the objects that record.ts sends, and where the answers hold the quantity.

export function hpaWith(name: string, averageValue: unknown): object {
  const resource = { name: 'cpu', target: { type: 'AverageValue', averageValue } };
  const scaleTargetRef = { apiVersion: 'apps/v1', kind: 'Deployment', name: 'web' };
  return { metadata: { name }, spec: { scaleTargetRef, maxReplicas: 1, metrics: [{ type: 'Resource', resource }] } };
}

export function statusWith(name: string, averageValue: unknown): object {
  const currentMetrics = [{ type: 'Resource', resource: { name: 'cpu', current: { averageValue } } }];
  return { ...hpaWith(name, '1'), status: { currentReplicas: 0, desiredReplicas: 0, currentMetrics } };
}

/** A pod with containers that request as much as is given, each in turn. */
export function podWith(...memories: readonly unknown[]): object {
  const containers = memories.map((memory, index) => {
    return { name: `c${index}`, image: 'any', resources: { requests: { memory } } };
  });
  return { metadata: { name: 'asked' }, spec: { containers } };
}

export function quotaWith(memory: string): object {
  const hard = { 'requests.memory': memory };
  return { metadata: { name: 'none' }, spec: { hard }, status: { hard, used: { 'requests.memory': '0' } } };
}

interface AnsweredHpa {
  readonly status: {
    readonly currentMetrics: readonly { readonly resource: { readonly current: { readonly averageValue: string } } }[];
  };
}

interface AnsweredPod {
  readonly spec: {
    readonly containers: readonly { readonly resources: { readonly requests: { readonly memory: string } } }[];
  };
}

export function readStatus(answer: unknown): string {
  return (answer as AnsweredHpa).status.currentMetrics[0]!.resource.current.averageValue;
}

export function readRequest(answer: unknown): string {
  return (answer as AnsweredPod).spec.containers[0]!.resources.requests.memory;
}
