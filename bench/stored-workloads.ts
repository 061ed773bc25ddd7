// Pure: the keys and values that the API server would have in etcd for the Deployments and autoscalers of a benchmark.
import {
  autoscaledApps,
  type BenchApp,
  containerName,
  cpuRequestMilli,
  type Shape,
  utilizationPercent,
} from './shape.ts';
import { type StoredObject, stored, wireTime } from './stored-object.ts';

/** Below these keys lies all that a contender may have changed. */
export const deploymentKey = ({ namespace, name }: BenchApp): string => `deployments/${namespace}/${name}`;
export const hpaPrefix = 'horizontalpodautoscalers/';

/** The Deployments that are autoscaled, each with all its pods ready. */
export function* storedDeployments(shape: Shape, createdAtMs: number): Generator<StoredObject> {
  for (const app of autoscaledApps(shape)) yield storedDeployment(app, wireTime(createdAtMs));
}

/** One autoscaler for each of them; its target is what the pods use, so that it has nothing to do. */
export function* storedHpas(shape: Shape, createdAtMs: number): Generator<StoredObject> {
  let index = 0;
  for (const app of autoscaledApps(shape)) {
    index += 1;
    yield storedHpa(app, uid('d', index), wireTime(createdAtMs));
  }
}

function storedDeployment(app: BenchApp, createdAt: string): StoredObject {
  const { namespace, name, pods } = app;
  const replicas = pods.length;
  const condition = (type: string, reason: string): object => ({
    type,
    status: 'True',
    reason,
    lastUpdateTime: createdAt,
    lastTransitionTime: createdAt,
  });
  return stored(deploymentKey(app), {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: {
      name,
      namespace,
      uid: (pods[0]?.uid ?? '').replace('-8000-', '-c000-'),
      generation: 1,
      creationTimestamp: createdAt,
      labels: { app: name },
      annotations: { 'deployment.kubernetes.io/revision': '1' },
    },
    spec: {
      replicas,
      selector: { matchLabels: { app: name } },
      template: {
        metadata: { labels: { app: name } },
        spec: {
          containers: [
            {
              name: containerName,
              image: `registry.example/${name}:v1.4.2`,
              resources: { limits: { memory: '1Gi' }, requests: { cpu: `${cpuRequestMilli}m`, memory: '256Mi' } },
            },
          ],
        },
      },
      strategy: { type: 'RollingUpdate', rollingUpdate: { maxUnavailable: '25%', maxSurge: '25%' } },
    },
    status: {
      observedGeneration: 1,
      replicas,
      updatedReplicas: replicas,
      readyReplicas: replicas,
      availableReplicas: replicas,
      conditions: [
        condition('Available', 'MinimumReplicasAvailable'),
        condition('Progressing', 'NewReplicaSetAvailable'),
      ],
    },
  });
}

function storedHpa(app: BenchApp, ownUid: string, createdAt: string): StoredObject {
  const { namespace, name } = app;
  const averageUtilization = utilizationPercent(app);
  return stored(`${hpaPrefix}${namespace}/${name}`, {
    apiVersion: 'autoscaling/v2',
    kind: 'HorizontalPodAutoscaler',
    metadata: { name, namespace, uid: ownUid, creationTimestamp: createdAt },
    spec: {
      scaleTargetRef: { apiVersion: 'apps/v1', kind: 'Deployment', name },
      minReplicas: 1,
      maxReplicas: 100,
      metrics: [{ type: 'Resource', resource: { name: 'cpu', target: { type: 'Utilization', averageUtilization } } }],
    },
    status: { currentReplicas: 0, desiredReplicas: 0, currentMetrics: null },
  });
}

function uid(block: string, index: number): string {
  return `00000000-0000-4000-${block}000-${index.toString(16).padStart(12, '0')}`;
}
