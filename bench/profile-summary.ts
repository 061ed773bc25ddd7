// Pure: which functions a CPU profile's time was spent in.

interface CallFrame {
  readonly functionName: string;
  readonly url: string;
  /** From 0. */
  readonly lineNumber: number;
}

/** What V8 writes; times are in microseconds. */
export interface CpuProfile {
  readonly nodes: readonly { readonly id: number; readonly callFrame: CallFrame }[];
  readonly samples: readonly number[];
  readonly timeDeltas: readonly number[];
}

export interface FunctionCost {
  /** `function file:line`, with the file's last three folders. */
  readonly place: string;
  readonly selfMs: number;
  /** Of all time in which the thread was not idle. */
  readonly share: number;
}

export interface ProfileSummary {
  readonly busyMs: number;
  readonly costs: readonly FunctionCost[];
}

const idle = '(idle)';

/** The `count` functions with the most time of their own. */
export function summarizeProfile(profile: CpuProfile, count: number): ProfileSummary {
  const places = new Map(profile.nodes.map(({ id, callFrame }) => [id, placeOf(callFrame)]));
  const selfUs = new Map<string, number>();
  let busyUs = 0;
  for (const [index, id] of profile.samples.entries()) {
    const place = places.get(id) ?? '(unknown)';
    const us = profile.timeDeltas[index] ?? 0;
    if (place === idle) continue;
    busyUs += us;
    selfUs.set(place, (selfUs.get(place) ?? 0) + us);
  }
  const costs = [...selfUs]
    .toSorted(([, a], [, b]) => b - a)
    .slice(0, count)
    .map(([place, us]) => ({ place, selfMs: us / 1000, share: us / busyUs }));
  return { busyMs: busyUs / 1000, costs };
}

export function renderProfile(part: string, { busyMs, costs }: ProfileSummary): string {
  const head = `${part}: main thread busy for ${busyMs.toFixed(0)} ms`;
  const lines = costs.map(
    ({ place, selfMs, share }) =>
      `${(share * 100).toFixed(1).padStart(6)} %  ${selfMs.toFixed(0).padStart(6)} ms  ${place}`,
  );
  return [head, ...lines, ''].join('\n');
}

function placeOf({ functionName, url, lineNumber }: CallFrame): string {
  const name = functionName === '' ? '(anonymous)' : functionName;
  if (url === '') return name;
  const file = url.split('/').slice(-3).join('/');
  return `${name} ${file}:${lineNumber + 1}`;
}
