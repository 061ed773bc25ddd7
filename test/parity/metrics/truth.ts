// Pure: whether a served usage follows from what the pod's own kubelet said, whoever serves it. Two that agree can still both be wrong, and
// where Headroom alone serves something there is nobody to compare it with.
import type { PodModel, Sample } from './model.ts';

interface ServedPod {
  readonly containers: readonly {
    readonly name: string;
    readonly usage: { readonly cpu: string; readonly memory: string };
  }[];
}

/** Counters are rounded to nanoseconds, and beyond 2^53 of them to what a double can hold. */
const tolerance = { cores: 1e-8, share: 1e-6 };

/** The containers of a PodMetrics that no two samples up to this step explain, as text; empty when all is well. */
export function unexplained(pod: PodModel, step: number, body: string): readonly string[] {
  const { containers } = JSON.parse(body) as ServedPod;
  return containers
    .filter(({ name, usage }) => {
      const samples = samplesOf(pod, name, step);
      const memoryBytes = quantity(usage.memory);
      const told = samples.filter(({ sample }) => Math.trunc(Number(sample.memoryBytes)) === memoryBytes);
      return !told.some((last) => points(last, samples).some((from) => explains(from, last, quantity(usage.cpu))));
    })
    .map(({ name, usage }) => `${name}: ${JSON.stringify(usage)}`);
}

interface Told {
  readonly sample: Sample;
  readonly atSeconds: number;
  readonly cpuSeconds: number;
}

/** What the node that the pod was bound to said of the container, at each step so far; the last word counts. */
function samplesOf(pod: PodModel, container: string, step: number): readonly Told[] {
  return Array.from({ length: step + 1 }, (_one, index) => pod.at(index)).flatMap(({ api, reports }) => {
    const own = reports.find(({ node }) => node === api?.node)?.samples ?? [];
    const sample = own.findLast((each) => each.container === container);
    if (sample === undefined) return [];
    return [{ sample, atSeconds: (sample.timestampMs ?? 0) / 1000, cpuSeconds: Number(sample.cpuSeconds) }];
  });
}

/** Where a window that ends with `last` can begin: at an earlier sample, or when the container started. */
function points(last: Told, samples: readonly Told[]): readonly Pick<Told, 'atSeconds' | 'cpuSeconds'>[] {
  return [...samples, { atSeconds: Number(last.sample.startSeconds), cpuSeconds: 0 }].filter(
    ({ atSeconds }) => atSeconds < last.atSeconds,
  );
}

function explains(from: Pick<Told, 'atSeconds' | 'cpuSeconds'>, last: Told, cores: number): boolean {
  const expected = (last.cpuSeconds - from.cpuSeconds) / (last.atSeconds - from.atSeconds);
  return Math.abs(expected - cores) <= tolerance.cores + tolerance.share * expected;
}

const factors: Readonly<Record<string, number>> = Object.fromEntries([
  ...['n', 'u', 'm', '', 'k', 'M', 'G'].map((suffix, index) => [suffix, 10 ** (3 * (index - 3))]),
  ...['Ki', 'Mi', 'Gi', 'Ti', 'Pi', 'Ei'].map((suffix, index) => [suffix, 2 ** (10 * (index + 1))]),
]);

function quantity(text: string): number {
  const [, digits = '', suffix = ''] = /^(\d+)(\D*)$/.exec(text) ?? [];
  return Number(digits) * (factors[suffix] ?? Number.NaN);
}
