// Flow: two control planes with the cases of reason-cases.ts on each: kube-controller-manager scales on one; the other is for Headroom.
import { fileURLToPath } from 'node:url';
import { KubeConfig } from '@kubernetes/client-node';
import { type ControlPlane, startControlPlane } from '../cluster/control-plane.ts';
import { reservePorts } from '../cluster/ports.ts';
import { SimApiClient } from '../cluster/sim/api-client.ts';
import { startAdmissionWebhooks } from './admission-webhooks.ts';
import { type ClusterTools, clusterTools, eventually, installConfig } from './cluster-fixture.ts';
import { type ReasonCase, reasonCases, sleepers } from './reason-cases.ts';
import {
  reasonCustomResources,
  reasonDefinitions,
  reasonObjects,
  reasonRefusals,
  scalesAllowed,
} from './reason-objects.ts';
import { horizontalPodAutoscaler } from './workload-builders.ts';

/** The same for both programs. */
export const syncFlags = ['--horizontal-pod-autoscaler-sync-period=2s'];
const customMetricsRights = fileURLToPath(new URL('../../config/components/custom-metrics/rbac.yaml', import.meta.url));

export interface Side {
  readonly controlPlane: ControlPlane;
  readonly tools: ClusterTools;
}

/** Resolves when the autoscalers of all cases are there; Headroom is not started. */
export async function startReasonSides(undo: AsyncDisposableStack): Promise<readonly [theirs: Side, ours: Side]> {
  const webhooks = undo.use(await startAdmissionWebhooks());
  const sides = await Promise.all([startReference(undo), startOurs(undo)]);
  const prepare = async (side: Side): Promise<void> => {
    const config = new KubeConfig();
    config.loadFromFile(side.controlPlane.kubeconfigPath);
    const api = new SimApiClient(config);
    undo.defer(() => api.close());
    const { caPem, refusingUrl } = webhooks;
    await setUp(side, reasonRefusals({ caPem, refusingUrl, contendingUrl: webhooks.contendingUrl(api) }));
  };
  await Promise.all(sides.map(prepare));
  return sides;
}

async function startReference(undo: AsyncDisposableStack): Promise<Side> {
  const controllers = 'horizontal-pod-autoscaler-controller';
  const extraFlags = { 'kube-controller-manager': syncFlags };
  const controlPlane = undo.use(await startControlPlane({ controllers, extraFlags }));
  return { controlPlane, tools: clusterTools(controlPlane) };
}

async function startOurs(undo: AsyncDisposableStack): Promise<Side> {
  const controlPlane = undo.use(await startControlPlane({ controllers: 'serviceaccount-controller' }));
  await controlPlane.stopComponent('kube-controller-manager');
  const reserved = await reservePorts(1);
  undo.defer(() => reserved.release());
  await installConfig(controlPlane, reserved.ports[0] ?? 0);
  // kube-controller-manager may always ask for custom and external metrics.
  await clusterTools(controlPlane).kubectl('apply', '-f', customMetricsRights);
  return { controlPlane, tools: clusterTools(controlPlane) };
}

/** The autoscalers come last: their targets are as they are meant to be when they are first looked at. */
async function setUp({ controlPlane, tools }: Side, refusals: readonly object[]): Promise<void> {
  await controlPlane.stopComponent('kube-scheduler');
  await restrictScales(tools);
  await tools.apply(...reasonDefinitions);
  await tools.kubectl('wait', '--for=condition=Established', 'crd', '--all', '--timeout=30s');
  await tools.apply(...reasonObjects(), ...refusals);
  await eventually(async () => (await tools.apply(...reasonCustomResources())) !== '');
  await tools.apply(...[...reasonCases, ...sleepers].map(autoscalerOf));
}

type Asked = Omit<ReasonCase, 'title' | 'says'>;

function autoscalerOf({ name, target, minReplicas = 1, maxReplicas = 10, metrics }: Asked): object {
  const average = { type: 'AverageValue', averageValue: '1' };
  const external = [{ type: 'External', external: { metric: { name: 'queue' }, target: average } }];
  return horizontalPodAutoscaler({ name, target, minReplicas, maxReplicas, metrics: metrics ?? external });
}

interface Role {
  readonly rules: readonly { readonly resources?: readonly string[] }[];
}

/** Both programs may by default scale everything. */
async function restrictScales(tools: ClusterTools): Promise<void> {
  const { items } = JSON.parse(await tools.kubectl('get', 'clusterroles', '-o', 'json')) as {
    items: readonly (Role & { metadata: { name: string } })[];
  };
  const names = ['headroom', 'system:controller:horizontal-pod-autoscaler'];
  for (const role of items.filter(({ metadata }) => names.includes(metadata.name))) {
    const others = role.rules.filter(({ resources }) => resources?.includes('*/scale') !== true);
    const scale = (resources: readonly string[], verbs: readonly string[]): object => ({
      apiGroups: ['*'],
      resources: resources.map((resource) => `${resource}/scale`),
      verbs,
    });
    const rules = [...others, scale(scalesAllowed, ['get', 'update']), scale(['replicasets'], ['get'])];
    await tools.apply({ ...role, rules });
  }
}
