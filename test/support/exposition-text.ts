// Builders of /metrics/resource bodies as kubelets write them. Everything has a valid default; a test names only what it is about.

export interface ContainerLines {
  readonly container?: string;
  readonly namespace?: string;
  readonly pod?: string;
  /** Value as written; null leaves the line out. */
  readonly cpuSeconds?: number | string | null;
  readonly memoryBytes?: number | string | null;
  readonly startSeconds?: number | string | null;
  readonly timestampMs?: number | null;
}

export interface NodeLines {
  readonly cpuSeconds?: number | string | null;
  readonly memoryBytes?: number | string | null;
  readonly timestampMs?: number | null;
  readonly containers?: readonly ContainerLines[];
}

/** How a family of kubelets differs from the others. */
export interface KubeletFlavour {
  /** Also pod_*, swap and error families, as 1.36 does. */
  readonly withPodFamilies?: boolean;
  readonly withStartTimes?: boolean;
  readonly withTimestamps?: boolean;
  readonly lineEnd?: '\n' | '\r\n';
}

/** Kubelets of several ages: 1.36 has pod and swap families, 1.19 had neither start times nor pod families. */
export const kubelet136: KubeletFlavour = { withPodFamilies: true, withStartTimes: true };
export const kubelet119: KubeletFlavour = { withPodFamilies: false, withStartTimes: false };

/** A number as Go's strconv writes it with the shortest exact digits; from 1e+06 on with an exponent (`1.25e+07`). */
export function goFloat(value: number): string {
  const exponent = value === 0 ? 0 : Math.floor(Math.log10(Math.abs(value)));
  if (exponent >= -5 && exponent < 6 && Math.abs(value) < 999_999.5) return String(value);
  const [mantissa, power] = value.toExponential().split('e');
  const digits = (power ?? '+0').slice(1).padStart(2, '0');
  return `${mantissa}e${power?.startsWith('-') === true ? '-' : '+'}${digits}`;
}

const written = (value: number | string): string => (typeof value === 'string' ? value : goFloat(value));

interface Family {
  readonly name: string;
  readonly type: 'counter' | 'gauge';
  readonly lines: readonly string[];
}

const labelsOf = ({ container = 'app', namespace = 'default', pod = 'web-1' }: ContainerLines): string =>
  `{container="${container}",namespace="${namespace}",pod="${pod}"}`;

/** The body of one node, families in the order of their names and series in the order given, as the kubelet's registry writes them. */
export function expositionText(node: NodeLines = {}, flavour: KubeletFlavour = kubelet136): string {
  const { withPodFamilies = true, withTimestamps = true, lineEnd = '\n' } = flavour;
  const stamp: Stamp = (timestampMs) =>
    withTimestamps && timestampMs !== null ? ` ${timestampMs ?? 1_700_000_000_000}` : '';
  const containers = node.containers ?? [{}];
  const scrapeError = withPodFamilies ? 'resource_scrape_error' : 'scrape_error';
  const families: Family[] = [
    ...containerFamilies(containers, flavour, stamp),
    ...nodeFamilies(node, stamp),
    ...(withPodFamilies ? podFamilies(containers, stamp) : []),
    { name: scrapeError, type: 'gauge', lines: [`${scrapeError} 0`] },
  ];
  return families
    .filter(({ lines }) => lines.length > 0)
    .flatMap(({ name, type, lines }) => [
      `# HELP ${name} [STABLE] What ${name} means`,
      `# TYPE ${name} ${type}`,
      ...lines,
    ])
    .map((line) => line + lineEnd)
    .join('');
}

type Value = number | string | null;
type Stamp = (timestampMs: number | null | undefined) => string;

const orDefault = (value: Value | undefined, otherwise: Value): Value => (value === undefined ? otherwise : value);

function containerFamilies(containers: readonly ContainerLines[], flavour: KubeletFlavour, stamp: Stamp): Family[] {
  const family = (
    name: string,
    type: Family['type'],
    pick: (lines: ContainerLines) => Value,
    timestamp: (lines: ContainerLines) => string = () => '',
  ): Family => ({
    name,
    type,
    lines: containers.flatMap((lines) => {
      const value = pick(lines);
      return value === null ? [] : [`${name}${labelsOf(lines)} ${written(value)}${timestamp(lines)}`];
    }),
  });
  const stamped = (lines: ContainerLines): string => stamp(lines.timestampMs);
  const families = [
    family('container_cpu_usage_seconds_total', 'counter', (lines) => orDefault(lines.cpuSeconds, 4.710169), stamped),
    family('container_memory_working_set_bytes', 'gauge', (lines) => orDefault(lines.memoryBytes, 12.5e6), stamped),
  ];
  const { withPodFamilies = true, withStartTimes = true } = flavour;
  const startOf = (lines: ContainerLines): Value => orDefault(lines.startSeconds, 1_699_999_000.1234567);
  if (withStartTimes) families.push(family('container_start_time_seconds', 'gauge', startOf));
  if (withPodFamilies) families.push(family('container_swap_usage_bytes', 'gauge', () => 0, stamped));
  return families;
}

function nodeFamilies(node: NodeLines, stamp: Stamp): Family[] {
  const family = (name: string, type: Family['type'], value: Value): Family => ({
    name,
    type,
    lines: value === null ? [] : [`${name} ${written(value)}${stamp(node.timestampMs)}`],
  });
  return [
    family('node_cpu_usage_seconds_total', 'counter', orDefault(node.cpuSeconds, 357.35491)),
    family('node_memory_working_set_bytes', 'gauge', orDefault(node.memoryBytes, 1_616_273_408)),
  ];
}

function podFamilies(
  containers: readonly ContainerLines[],
  stamp: (ms: number | null | undefined) => string,
): Family[] {
  const pods = [
    ...new Set(containers.map(({ namespace = 'default', pod = 'web-1' }) => `{namespace="${namespace}",pod="${pod}"}`)),
  ];
  const family = (name: string, type: 'counter' | 'gauge', value: string): Family => ({
    name,
    type,
    lines: pods.map((labels) => `${name}${labels} ${value}${stamp(undefined)}`),
  });
  return [
    family('pod_cpu_usage_seconds_total', 'counter', '5.1'),
    family('pod_memory_working_set_bytes', 'gauge', '1.3e+07'),
  ];
}

/** Bytes of a text, or of lines joined with newlines (a final one included). */
export function bytes(text: string | readonly string[]): Uint8Array {
  return new TextEncoder().encode(typeof text === 'string' ? text : text.map((line) => `${line}\n`).join(''));
}
