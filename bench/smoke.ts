// `npm run bench:smoke`: the benchmark at its smallest, for CI. Both programs run side by side on one stage; only ratios that are far from
// their bounds and stable on a busy machine are held. docs/performance.md has the real figures.
import { reservePorts } from '../test/cluster/ports.ts';
import { type LongRunTools, runLongCommand } from '../test/support/long-run.ts';
import { type Contender, startContender } from './contenders.ts';
import type { RequestFigures, RequestKind } from './figures.ts';
import { measureAutoscaling } from './measure-autoscaling.ts';
import { measureRequests } from './measure-requests.ts';
import { measureStart } from './measure-start.ts';
import { MetricsApi } from './metrics-api.ts';
import type { ContenderName } from './options.ts';
import { checkServed } from './plausible.ts';
import { noProfiler } from './profiler.ts';
import { type Bound, renderBounds } from './smoke-bounds.ts';
import { type Stage, setStage } from './stage.ts';

const shape = { nodes: 60, podsPerNode: 30, hpas: 36 };
const kinds = ['listAll', 'listSelector', 'getPod'] as const satisfies readonly RequestKind[];
/** Enough for compiled code and for the clock of processor time, which ticks every 10 ms. */
const effort = { lists: 60, listsPerCycle: 0, durationMs: 5000 };

interface Runner {
  readonly stage: Stage;
  readonly contender: Contender;
  readonly api: MetricsApi;
}

await runLongCommand({
  name: 'npm run bench:smoke',
  usage: 'npm run bench:smoke\n',
  parseOptions: ([first]) => {
    if (first === undefined) return {};
    if (first === '--help') return 'help';
    throw new RangeError(`there are no flags, so none is called ${first}`);
  },
  run: async (_options, tools) => {
    const bounds = await measure(tools);
    process.stdout.write(`${renderBounds(bounds)}\n`);
    return bounds.every(({ value, atMost }) => value <= atMost);
  },
});

async function measure({ signal, progress }: LongRunTools): Promise<readonly Bound[]> {
  await using undo = new AsyncDisposableStack();
  const stage = await setStage(shape, undo, signal, progress);
  const { ports, release } = await reservePorts(1);
  undo.defer(release);
  const start = async (name: ContenderName, servingPort: number): Promise<Runner> => {
    const own = { ...stage, servingPort };
    const contender = await startContender(name, own);
    undo.defer(async () => void (await contender.stop()));
    return { stage: own, contender, api: undo.use(new MetricsApi(servingPort, stage.loadToken)) };
  };
  const headroom = await start('headroom', stage.servingPort);
  const reference = await start('reference', ports[0] ?? 0);
  progress('both started, waiting until they serve all pods');
  for (const runner of [headroom, reference]) {
    await measureStart(runner.stage, runner.contender, runner.api, signal);
    checkServed(shape, await runner.api.podMetrics());
  }
  // What scraping takes meanwhile is counted as if it were for the requests: the same for both, and little at this size.
  const steady = { cpuSecondsPerCycle: 0, apiServerCpuSecondsPerCycle: 0 };
  const requestsOf = async (runner: Runner): Promise<Partial<Record<RequestKind, RequestFigures>>> =>
    await measureRequests({ ...runner, kinds, steady, effort, profiler: noProfiler, signal, progress });
  const ours = await requestsOf(headroom);
  const theirs = await requestsOf(reference);
  const cpuRatio = (kind: RequestKind): number =>
    (ours[kind]?.cpuMsPerRequest ?? Number.NaN) / (theirs[kind]?.cpuMsPerRequest ?? Number.NaN);
  const autoscaling = await measureAutoscaling({
    ...headroom,
    served: headroom.api,
    cycles: 2,
    cyclesBefore: 0,
    withReactions: false,
    signal,
    progress,
  });
  const evaluatedShare = (autoscaling.evaluationsPerSecond * 15) / autoscaling.hpas;
  return [
    { what: 'CPU of a LIST of all pods, Headroom over metrics-server', value: cpuRatio('listAll'), atMost: 0.7 },
    { what: 'CPU of a LIST by label, Headroom over metrics-server', value: cpuRatio('listSelector'), atMost: 0.75 },
    { what: 'CPU of a GET of one pod, Headroom over metrics-server', value: cpuRatio('getPod'), atMost: 1.2 },
    { what: 'API requests per evaluation while nothing changes', value: autoscaling.requestsPerEvaluation, atMost: 0 },
    { what: 'share of due evaluations that were missed', value: 1 - evaluatedShare, atMost: 0.05 },
  ];
}
