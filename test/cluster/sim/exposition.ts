// Pure: the body of /metrics/resource as a kubelet of Kubernetes 1.36 prints it.
// Families by name; in each, lines by label values. CPU, memory and swap carry the time of the sample in milliseconds, start
// times and the error flag carry none. Source: pkg/kubelet/metrics/collectors/resource_metrics.go and Prometheus' text encoder.
import type { ContainerUsage } from './container-usage.ts';
import { goFloat } from './go-float.ts';
import type { NodeUsage, PodUsage } from './node-usage.ts';

/** The answer's Content-Type when no Accept header asks for another format. */
export const expositionContentType = 'text/plain; version=0.0.4; charset=utf-8; escaping=underscores';

export interface ExpositionOptions {
  /** False leaves the timestamps out, as kwok does. */
  readonly timestamps: boolean;
}

/** The whole body. */
export function renderExposition(node: NodeUsage, options: ExpositionOptions = { timestamps: true }): string {
  const suffix = options.timestamps ? timestampSuffixes() : () => '\n';
  return (
    containerFamilies(node.containers, suffix) +
    nodeFamilies(node, suffix) +
    podFamilies(node.pods, suffix) +
    renderScrapeError(0)
  );
}

/** The only family left when the kubelet could not get its statistics (1), and the last one when it could (0). */
export function renderScrapeError(value: 0 | 1): string {
  return `${heads.scrapeError}resource_scrape_error ${value}\n`;
}

type Suffix = (sampledAtMs: number) => string;

/** ` 1700000000000\n`, written once for all lines of one refresh. */
function timestampSuffixes(): Suffix {
  let lastMs = Number.NaN;
  let last = '';
  return (sampledAtMs) => {
    if (sampledAtMs !== lastMs) {
      lastMs = sampledAtMs;
      last = ` ${sampledAtMs}\n`;
    }
    return last;
  };
}

function containerFamilies(containers: readonly ContainerUsage[], suffix: Suffix): string {
  if (containers.length === 0) return '';
  let cpu = heads.containerCpu;
  let memory = heads.containerMemory;
  let start = heads.containerStart;
  let swapLimit = heads.containerSwapLimit;
  let swap = heads.containerSwap;
  for (const container of containers) {
    const { labels } = container;
    const end = suffix(container.sampledAtMs);
    cpu += `container_cpu_usage_seconds_total${labels}${goFloat(container.sampledCoreNanoSeconds / 1e9)}${end}`;
    memory += `container_memory_working_set_bytes${labels}${goFloat(container.sampledBytes)}${end}`;
    start += `container_start_time_seconds${labels}${container.startSeconds}\n`;
    swapLimit += `container_swap_limit_bytes${labels}0${end}`;
    swap += `container_swap_usage_bytes${labels}0${end}`;
  }
  return cpu + memory + start + swapLimit + swap;
}

function nodeFamilies(node: NodeUsage, suffix: Suffix): string {
  const end = suffix(node.sampledAtMs);
  return (
    `${heads.nodeCpu}node_cpu_usage_seconds_total ${goFloat(node.sampledCoreNanoSeconds / 1e9)}${end}` +
    `${heads.nodeMemory}node_memory_working_set_bytes ${goFloat(node.sampledBytes)}${end}` +
    `${heads.nodeSwap}node_swap_usage_bytes 0${end}`
  );
}

function podFamilies(pods: readonly PodUsage[], suffix: Suffix): string {
  if (pods.length === 0) return '';
  let cpu = heads.podCpu;
  let memory = heads.podMemory;
  let swap = heads.podSwap;
  for (const pod of pods) {
    const { labels } = pod;
    const end = suffix(pod.sampledAtMs);
    cpu += `pod_cpu_usage_seconds_total${labels}${goFloat(pod.sampledCoreNanoSeconds / 1e9)}${end}`;
    memory += `pod_memory_working_set_bytes${labels}${goFloat(pod.sampledBytes)}${end}`;
    swap += `pod_swap_usage_bytes${labels}0${end}`;
  }
  return cpu + memory + swap;
}

/** HELP and TYPE lines; the wire text users see, word for word. */
const heads = {
  containerCpu: head(
    'container_cpu_usage_seconds_total',
    'counter',
    '[STABLE] Cumulative cpu time consumed by the container in core-seconds',
  ),
  containerMemory: head(
    'container_memory_working_set_bytes',
    'gauge',
    '[STABLE] Current working set of the container in bytes',
  ),
  containerStart: head(
    'container_start_time_seconds',
    'gauge',
    '[STABLE] Start time of the container since unix epoch in seconds',
  ),
  containerSwapLimit: head(
    'container_swap_limit_bytes',
    'gauge',
    '[ALPHA] Current amount of the container swap limit in bytes. Reported only on non-windows systems',
  ),
  containerSwap: head(
    'container_swap_usage_bytes',
    'gauge',
    '[ALPHA] Current amount of the container swap usage in bytes. Reported only on non-windows systems',
  ),
  nodeCpu: head(
    'node_cpu_usage_seconds_total',
    'counter',
    '[STABLE] Cumulative cpu time consumed by the node in core-seconds',
  ),
  nodeMemory: head('node_memory_working_set_bytes', 'gauge', '[STABLE] Current working set of the node in bytes'),
  nodeSwap: head(
    'node_swap_usage_bytes',
    'gauge',
    '[ALPHA] Current swap usage of the node in bytes. Reported only on non-windows systems',
  ),
  podCpu: head(
    'pod_cpu_usage_seconds_total',
    'counter',
    '[STABLE] Cumulative cpu time consumed by the pod in core-seconds',
  ),
  podMemory: head('pod_memory_working_set_bytes', 'gauge', '[STABLE] Current working set of the pod in bytes'),
  podSwap: head(
    'pod_swap_usage_bytes',
    'gauge',
    '[ALPHA] Current amount of the pod swap usage in bytes. Reported only on non-windows systems',
  ),
  scrapeError: head(
    'resource_scrape_error',
    'gauge',
    '[STABLE] 1 if there was an error while getting container metrics, 0 otherwise',
  ),
};

function head(family: string, type: 'counter' | 'gauge', help: string): string {
  return `# HELP ${family} ${help}\n# TYPE ${family} ${type}\n`;
}
