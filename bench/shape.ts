// Pure: which nodes, namespaces and pods a benchmark's cluster has. Everything follows from three numbers.
import { nodeName } from '../test/cluster/sim/node-identity.ts';
import { annotations, type SimulatedPod } from '../test/cluster/sim/types.ts';

export interface Shape {
  readonly nodes: number;
  readonly podsPerNode: number;
  /** Apps that a HorizontalPodAutoscaler scales, evenly spread over all apps; those that there are no apps for are left out. */
  readonly hpas: number;
}

/** The ten pods of one namespace that share a label, a Deployment and, some of them, an autoscaler. */
export interface BenchApp {
  readonly namespace: string;
  readonly name: string;
  readonly pods: readonly BenchPod[];
}

export interface BenchPod {
  readonly namespace: string;
  readonly name: string;
  readonly uid: string;
  /** Value of its label `app`; ten pods of one namespace share it. */
  readonly app: string;
  readonly nodeIndex: number;
  readonly nodeName: string;
  /** What its container uses, before noise. */
  readonly cpuMilli: number;
  readonly memoryMebibytes: number;
}

/** As the load of docs/performance.md: big namespaces, in which an autoscaler's pods are few. */
const podsPerNamespace = 5000;
export const podsPerApp = 10;
export const cpuRequestMilli = 200;

export const nodePrefix = 'sim-';
export const namespacePrefix = 'team-';
export const containerName = 'app';
/** Usage wavers by so much of itself, so that no two samples are alike. */
export const noiseRatio = 0.05;

export function podCount(shape: Shape): number {
  return shape.nodes * shape.podsPerNode;
}

export function namespacesOf(shape: Shape): readonly string[] {
  return Array.from(
    { length: Math.ceil(podCount(shape) / podsPerNamespace) },
    (_, index) => `${namespacePrefix}${index}`,
  );
}

/** Pod `index`, from 0. The pods of one app stand on different nodes wherever there are ten. */
export function benchPod(shape: Shape, index: number): BenchPod {
  const nodeIndex = index % shape.nodes;
  const app = `app-${Math.floor(index / podsPerApp)}`;
  return {
    namespace: `${namespacePrefix}${Math.floor(index / podsPerNamespace)}`,
    name: `${app}-7c9f8d7b5c-${suffixOf(index)}`,
    uid: `00000000-0000-4000-8000-${index.toString(16).padStart(12, '0')}`,
    app,
    nodeIndex,
    nodeName: nodeName(nodePrefix, nodeIndex),
    // Half a millicore more: nanoseconds of rounding must not lead across the border to the next millicore.
    cpuMilli: 5.5 + ((index * 37) % 296),
    memoryMebibytes: 20 + ((index * 53) % 481),
  };
}

export function* benchPods(shape: Shape): Generator<BenchPod> {
  for (let index = 0; index < podCount(shape); index++) yield benchPod(shape, index);
}

/** The apps that are autoscaled: every fifth, when there is an HPA for a fifth of them. */
export function* autoscaledApps(shape: Shape): Generator<BenchApp> {
  const apps = Math.floor(podCount(shape) / podsPerApp);
  const count = Math.min(shape.hpas, apps);
  for (let place = 0; place < count; place++) yield benchApp(shape, Math.floor((place * apps) / count));
}

function benchApp(shape: Shape, app: number): BenchApp {
  const pods = Array.from({ length: podsPerApp }, (_, pod) => benchPod(shape, app * podsPerApp + pod));
  return { namespace: pods[0]?.namespace ?? '', name: `app-${app}`, pods };
}

/** What the app uses on average, in percent of what its pods request. */
export function utilizationPercent({ pods }: BenchApp): number {
  const usedMilli = pods.reduce((sum, { cpuMilli }) => sum + cpuMilli, 0);
  return Math.round((100 * usedMilli) / (cpuRequestMilli * pods.length));
}

/** The pod as its simulated kubelet knows it. `isSteady`: without noise, so that its autoscaler has nothing new to say. */
export function simulatedPod(pod: BenchPod, isSteady: boolean): SimulatedPod {
  const noise = isSteady ? { [annotations.noiseRatio]: '0' } : {};
  return {
    namespace: pod.namespace,
    name: pod.name,
    uid: pod.uid,
    nodeName: pod.nodeName,
    labels: {},
    annotations: {
      [annotations.cpu]: `${pod.cpuMilli}m`,
      [annotations.memory]: `${pod.memoryMebibytes}Mi`,
      ...noise,
    },
    containers: [{ name: containerName, cpuLimitCores: Infinity, memoryLimitBytes: Infinity }],
  };
}

/** Five characters, different for every index below 27^5. */
function suffixOf(index: number): string {
  const letters = 'bcdfghjklmnpqrstvwxz2456789';
  let text = '';
  // Multiplying by a number coprime to 27^5 shuffles neighbours without ever meeting.
  let rest = (index * 9_876_541) % letters.length ** 5;
  for (let place = 0; place < 5; place++) {
    text += letters.charAt(rest % letters.length);
    rest = Math.floor(rest / letters.length);
  }
  return text;
}
