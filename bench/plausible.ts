// Pure: whether a contender serves exactly the pods there are, with the usage that their kubelets simulate.
import { parseQuantity } from '../test/cluster/sim/quantity.ts';
import type { ServedPod } from './metrics-api.ts';
import { benchPods, containerName, type Shape } from './shape.ts';

export interface Served {
  readonly pods: number;
  /** Served usage over simulated usage, averaged over all pods: 1 within the noise. */
  readonly cpuRatio: number;
  readonly memoryRatio: number;
}

/** Noise is 5 % up or down; a window may begin or end within a change of it. */
const tolerance = 0.12;

/** Throws an Error that names the first pod that is missing, unknown or implausible. */
export function checkServed(shape: Shape, items: readonly ServedPod[]): Served {
  const byKey = new Map(items.map((item) => [`${item.metadata.namespace}/${item.metadata.name}`, item]));
  if (byKey.size !== items.length) throw new Error(`${items.length - byKey.size} pods are served twice`);
  let pods = 0;
  let cpuRatio = 0;
  let memoryRatio = 0;
  for (const pod of benchPods(shape)) {
    const key = `${pod.namespace}/${pod.name}`;
    const item = byKey.get(key);
    if (item === undefined) throw new Error(`pod ${key} is not served; ${items.length} others are`);
    const { cpuCores, memoryBytes } = usageOf(key, item);
    pods += 1;
    cpuRatio += plausibleRatio(`cpu of ${key}`, cpuCores, pod.cpuMilli / 1000);
    memoryRatio += plausibleRatio(`memory of ${key}`, memoryBytes, pod.memoryMebibytes * 2 ** 20);
  }
  if (byKey.size !== pods) throw new Error(`${byKey.size - pods} pods are served that do not exist`);
  return { pods, cpuRatio: cpuRatio / pods, memoryRatio: memoryRatio / pods };
}

function usageOf(key: string, item: ServedPod): { cpuCores: number; memoryBytes: number } {
  const [container, ...others] = item.containers;
  if (container?.name !== containerName || others.length > 0)
    throw new Error(`pod ${key} is served with wrong containers`);
  const cpuCores = parseQuantity(container.usage.cpu);
  const memoryBytes = parseQuantity(container.usage.memory);
  if (cpuCores === undefined || memoryBytes === undefined)
    throw new Error(`pod ${key} is served with wrong quantities`);
  return { cpuCores, memoryBytes };
}

function plausibleRatio(what: string, served: number, simulated: number): number {
  const ratio = served / simulated;
  if (!(Math.abs(ratio - 1) <= tolerance)) {
    throw new Error(`${what} is served as ${served}, ${ratio.toFixed(2)} times what is simulated`);
  }
  return ratio;
}
