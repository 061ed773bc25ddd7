// Flow: one contender from its start to its end.
import { setTimeout as sleep } from 'node:timers/promises';
import type { Progress } from '../test/cluster/build.ts';
import { reservePorts } from '../test/cluster/ports.ts';
import { type Contender, startContender } from './contenders.ts';
import { type ContenderFigures, requestKinds, type StartFigures } from './figures.ts';
import { measureAutoscaling } from './measure-autoscaling.ts';
import { measureFaults } from './measure-faults.ts';
import { measureRequests, type RequestEffort } from './measure-requests.ts';
import { measureStart } from './measure-start.ts';
import { cycleMs, measureSteady } from './measure-steady.ts';
import { MetricsApi } from './metrics-api.ts';
import type { BenchOptions, ContenderName } from './options.ts';
import { checkServed } from './plausible.ts';
import { memoryOf } from './process-figures.ts';
import { renderProfile, summarizeProfile } from './profile-summary.ts';
import { noProfiler, openProfiler, type Profiler } from './profiler.ts';
import type { Stage } from './stage.ts';

export interface MeasureDeps {
  readonly stage: Stage;
  readonly options: BenchOptions;
  /** Path that profiles begin with. */
  readonly profilePrefix: string;
  readonly signal: AbortSignal;
  readonly progress: Progress;
}

const costsShown = 25;

export async function measureContender(name: ContenderName, deps: MeasureDeps): Promise<ContenderFigures> {
  const isProfiled = deps.options.profile && name === 'headroom';
  const inspector = isProfiled ? await reservePorts(1) : undefined;
  const inspectPort = inspector?.ports[0];
  const contender = await startContender(name, deps.stage, inspectPort);
  try {
    const profiler = inspectPort === undefined ? noProfiler : await connectProfiler(inspectPort, deps);
    const figures = await measureRunning(contender, profiler, deps);
    profiler.close();
    const stopMs = await contender.stop();
    // The reference keeps nothing: its second start is like its first.
    const restart = name === 'headroom' ? await measureRestart(deps) : figures.start;
    return { ...figures, stopMs, restart };
  } finally {
    await contender.stop();
    await inspector?.release();
  }
}

async function measureRunning(
  contender: Contender,
  profiler: Profiler,
  { stage, options, signal, progress }: MeasureDeps,
): Promise<Omit<ContenderFigures, 'stopMs' | 'restart'>> {
  const { name, version } = contender;
  using api = new MetricsApi(stage.servingPort, stage.loadToken);
  progress(`${name}: started, waiting until it serves all pods`);
  const start = await profiler.profiled('start', () => measureStart(stage, contender, api, signal));
  progress(`${name}: serves all pods after ${start.servingAllSeconds.toFixed(1)} s; warming up`);
  await sleep(2 * cycleMs, undefined, { signal });
  // Never measure a server that serves something else.
  const served = checkServed(stage.shape, await api.podMetrics());
  const cycles = options.quick ? 2 : 4;
  progress(`${name}: ${cycles} cycles of scraping, nothing else`);
  const steady = await profiler.profiled('steady', () => measureSteady(stage, contender, cycles, signal));
  const requests = await measureRequests({
    stage,
    contender,
    steady,
    kinds: requestKinds,
    effort: effortOf(options),
    profiler,
    signal,
    progress,
  });
  const faults = options.faults
    ? await measureFaults(stage, api, signal, (line) => progress(`${name}: ${line}`))
    : undefined;
  // What is measured is the difference of two figures, which for Headroom is so small that one collection of garbage more or less would show in four cycles.
  const idleCycles = name === 'headroom' ? 2 * cycles : cycles;
  const autoscaling =
    options.hpas === 0
      ? undefined
      : await profiler.profiled('autoscaling', () =>
          measureAutoscaling({
            stage,
            contender,
            served: api,
            cycles: idleCycles,
            cyclesBefore: idleCycles,
            withReactions: true,
            signal,
            progress,
          }),
        );
  return {
    name,
    version,
    start,
    served,
    steady,
    requests,
    faults,
    autoscaling,
    residentAtEndBytes: memoryOf(contender.pid).residentBytes,
  };
}

async function measureRestart({ stage, signal, progress }: MeasureDeps): Promise<StartFigures> {
  // Autoscalers and replicas have just been put back: the API server has all of that to tell first.
  await sleep(2 * cycleMs, undefined, { signal });
  progress('headroom: starts again');
  const contender = await startContender('headroom', stage);
  try {
    using api = new MetricsApi(stage.servingPort, stage.loadToken);
    return await measureStart(stage, contender, api, signal);
  } finally {
    await contender.stop();
  }
}

function effortOf({ quick, nodes }: BenchOptions): RequestEffort {
  if (quick) return { lists: 3, listsPerCycle: 1, durationMs: 4000 };
  // Scraping, which is subtracted, is in one cycle of requests once, whole.
  const durationMs = cycleMs;
  // The reference takes seconds for one list of 150,000 pods.
  return nodes > 2000 ? { lists: 5, listsPerCycle: 3, durationMs } : { lists: 10, listsPerCycle: 4, durationMs };
}

function connectProfiler(port: number, { profilePrefix, progress }: MeasureDeps): Promise<Profiler> {
  return openProfiler(port, profilePrefix, (part, profile, memory) => {
    progress(`profile of ${renderProfile(part, summarizeProfile(profile, costsShown))}`);
    progress(`memory after ${part}, in MB: ${renderMemory(memory)}`);
  });
}

function renderMemory(memory: NodeJS.MemoryUsage): string {
  const megabytes = (bytes: number): string => (bytes / 1e6).toFixed(0);
  return Object.entries(memory)
    .map(([name, bytes]) => `${name} ${megabytes(bytes as number)}`)
    .join(', ');
}
