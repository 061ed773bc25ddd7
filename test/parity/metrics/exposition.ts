// Pure: what a kubelet of each age prints, in the order of its registry: families by name, series by labels.
import type { KubeletVersion, NodeSample, Sample } from './model.ts';

export interface PodLines {
  readonly namespace: string;
  readonly pod: string;
  readonly samples: readonly Sample[];
}

interface Family {
  readonly name: string;
  readonly type: 'counter' | 'gauge';
  readonly lines: readonly string[];
}

interface Series {
  readonly labels: string;
  readonly sample: Sample;
}

/** Which families a kubelet has beside CPU and memory. */
const families: Readonly<
  Record<KubeletVersion, { readonly start?: true; readonly pods?: true; readonly swap?: true; readonly error: string }>
> = {
  '1.19': { error: 'scrape_error' },
  '1.24': { start: true, pods: true, error: 'scrape_error' },
  '1.29': { start: true, pods: true, error: 'resource_scrape_error' },
  '1.36': { start: true, pods: true, swap: true, error: 'resource_scrape_error' },
};

export function renderKubelet(
  version: KubeletVersion,
  node: NodeSample | undefined,
  pods: readonly PodLines[],
): string {
  const { start, pods: podFamilies, swap, error } = families[version];
  const series = pods.flatMap((pod) => pod.samples.map((sample) => ({ labels: labelsOf(pod, sample), sample })));
  // Sorted by container, so that the lines of a pod stand apart as they do in real bodies.
  const sorted = series.toSorted((a, b) => (a.labels < b.labels ? -1 : Number(a.labels > b.labels)));
  return [
    containerFamily('container_cpu_usage_seconds_total', 'counter', sorted, ({ cpuSeconds }) => cpuSeconds),
    containerFamily('container_memory_working_set_bytes', 'gauge', sorted, ({ memoryBytes }) => memoryBytes),
    ...(start ? [startFamily(version, sorted)] : []),
    ...(swap ? [containerFamily('container_swap_usage_bytes', 'gauge', sorted, () => '0')] : []),
    nodeFamily('node_cpu_usage_seconds_total', 'counter', node?.cpuSeconds, node?.timestampMs),
    nodeFamily('node_memory_working_set_bytes', 'gauge', node?.memoryBytes, node?.timestampMs),
    ...(swap ? [nodeFamily('node_swap_usage_bytes', 'gauge', '0', node?.timestampMs)] : []),
    ...(podFamilies ? [podFamily('pod_cpu_usage_seconds_total', 'counter', pods, '5.1')] : []),
    ...(podFamilies ? [podFamily('pod_memory_working_set_bytes', 'gauge', pods, '1.3e+07')] : []),
    { name: error, type: 'gauge' as const, lines: [`${error} 0`] },
  ]
    .filter(({ lines }) => lines.length > 0)
    .map((family) => renderFamily(version, family))
    .join('');
}

function renderFamily(version: KubeletVersion, { name, type, lines }: Family): string {
  const stability = version === '1.19' || version === '1.24' ? 'ALPHA' : 'STABLE';
  return `# HELP ${name} [${stability}] Help of ${name}\n# TYPE ${name} ${type}\n${lines.join('\n')}\n`;
}

function labelsOf({ namespace, pod }: PodLines, { container, labels }: Sample): string {
  return labels ?? `{container="${container}",namespace="${namespace}",pod="${pod}"}`;
}

function containerFamily(
  name: string,
  type: Family['type'],
  series: readonly Series[],
  pick: (sample: Sample) => string | undefined,
): Family {
  const lines = series.flatMap(({ labels, sample }) => {
    const value = pick(sample);
    return value === undefined ? [] : [`${name}${labels} ${value}${stamp(sample.timestampMs)}`];
  });
  return { name, type, lines };
}

/** Up to 1.27 a start time carried itself as its timestamp (kubernetes/kubernetes issue 117880). */
function startFamily(version: KubeletVersion, series: readonly Series[]): Family {
  const name = 'container_start_time_seconds';
  const lines = series.flatMap(({ labels, sample: { startSeconds } }) => {
    if (startSeconds === undefined) return [];
    const own = version === '1.24' ? ` ${Math.trunc(Number(startSeconds) * 1000)}` : '';
    return [`${name}${labels} ${startSeconds}${own}`];
  });
  return { name, type: 'gauge', lines };
}

function nodeFamily(name: string, type: Family['type'], value: string | undefined, timestampMs?: number): Family {
  return { name, type, lines: value === undefined ? [] : [`${name} ${value}${stamp(timestampMs)}`] };
}

function podFamily(name: string, type: Family['type'], pods: readonly PodLines[], value: string): Family {
  const lines = pods.map(({ namespace, pod, samples }) => {
    const [first] = samples;
    return `${name}{namespace="${namespace}",pod="${pod}"} ${value}${stamp(first?.timestampMs)}`;
  });
  return { name, type, lines };
}

function stamp(timestampMs: number | undefined): string {
  return timestampMs === undefined ? '' : ` ${timestampMs}`;
}
