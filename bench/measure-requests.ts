// Flow: what answering costs: lists of every size and form, selectors, single pods.
import type { Progress } from '../test/cluster/build.ts';
import type { Contender } from './contenders.ts';
import { type RequestFigures, type RequestKind, type SteadyFigures } from './figures.ts';
import { type LoadJob, runLoad } from './load.ts';
import { cycleMs } from './measure-steady.ts';
import { apiPath, podPath } from './metrics-api.ts';
import { memoryOf, resetPeak } from './process-figures.ts';
import type { Profiler } from './profiler.ts';
import { benchPod, podCount, type Shape } from './shape.ts';
import type { Stage } from './stage.ts';

const json = 'application/json';
const protobuf = 'application/vnd.kubernetes.protobuf';

interface RequestPlan extends Pick<LoadJob, 'paths' | 'connections' | 'requests' | 'pauseMs'> {
  readonly accept: string;
  readonly gzip?: boolean;
}

/** How long requests are made for figures that can be trusted. */
export interface RequestEffort {
  /** Lists of all pods in a row. */
  readonly lists: number;
  /** The same, one per cycle. */
  readonly listsPerCycle: number;
  /** Selectors and single pods. */
  readonly durationMs: number;
}

export interface RequestsInput {
  readonly stage: Stage;
  readonly contender: Contender;
  readonly steady: Pick<SteadyFigures, 'cpuSecondsPerCycle'>;
  readonly kinds: readonly RequestKind[];
  readonly effort: RequestEffort;
  readonly profiler: Profiler;
  readonly signal: AbortSignal;
  readonly progress: Progress;
}

/** Figures of the kinds asked for, and of no others. */
export async function measureRequests<Kind extends RequestKind>(
  input: RequestsInput & { readonly kinds: readonly Kind[] },
): Promise<Readonly<Record<Kind, RequestFigures>>> {
  const plans = requestPlans(input.stage.shape, input.effort);
  const figures: [RequestKind, RequestFigures][] = [];
  for (const kind of input.kinds) {
    input.progress(`${input.contender.name}: requests, ${kind}`);
    figures.push([kind, await input.profiler.profiled(kind, () => measureOne(plans[kind], input))]);
  }
  return Object.fromEntries(figures) as Record<Kind, RequestFigures>;
}

function requestPlans(
  shape: Shape,
  { lists, listsPerCycle }: RequestEffort,
): Readonly<Record<RequestKind, RequestPlan>> {
  const all = [`${apiPath}/pods`];
  return {
    // Between two of them every sample is new: nothing that was rendered before can be used again.
    listAllOncePerCycle: { paths: all, accept: json, connections: 1, requests: listsPerCycle, pauseMs: cycleMs },
    listAll: { paths: all, accept: json, connections: 1, requests: lists },
    listAllGzip: { paths: all, accept: json, connections: 1, requests: lists, gzip: true },
    listAllProtobuf: { paths: all, accept: protobuf, connections: 1, requests: lists },
    listNamespace: { paths: [`${apiPath}/namespaces/team-0/pods`], accept: json, connections: 1, requests: 2 * lists },
    listSelector: { paths: selectorPaths(shape), accept: json, connections: 8 },
    getPod: { paths: getPaths(shape), accept: json, connections: 8 },
  };
}

/** The ten pods of an app, of hundreds of apps in turn, all in one namespace. */
function selectorPaths(shape: Shape): readonly string[] {
  const apps = Math.max(1, Math.floor(Math.min(5000, podCount(shape)) / 10));
  return spread(apps, 199).map((app) => `${apiPath}/namespaces/team-0/pods?labelSelector=app%3Dapp-${app}`);
}

function getPaths(shape: Shape): readonly string[] {
  return spread(podCount(shape), 997).map((index) => podPath(benchPod(shape, index)));
}

/** Up to `count` numbers below `limit`, far from each other. */
function spread(limit: number, count: number): readonly number[] {
  const step = Math.max(1, Math.floor(limit / count));
  return Array.from({ length: Math.min(limit, count) }, (_, index) => (index * step) % limit);
}

async function measureOne(plan: RequestPlan, input: RequestsInput): Promise<RequestFigures> {
  const { stage, contender, steady, effort, signal } = input;
  const { accept, gzip = false, ...how } = plan;
  resetPeak(contender.pid);
  const residentBefore = memoryOf(contender.pid).residentBytes;
  const result = await runLoad(
    {
      ...how,
      port: stage.servingPort,
      headers: [
        `Authorization: Bearer ${stage.loadToken}`,
        `Accept: ${accept}`,
        ...(gzip ? ['Accept-Encoding: gzip'] : []),
      ],
      serverPid: contender.pid,
      warmUpPath: podPath(benchPod(stage.shape, 0)),
      durationMs: effort.durationMs,
    },
    signal,
  );
  contender.check();
  const scrapingCpuSeconds = (steady.cpuSecondsPerCycle / cycleMs) * 1000 * result.seconds;
  return {
    connections: plan.connections,
    perSecond: result.perSecond,
    latencyMs: result.latencyMs,
    bodyBytes: result.bodyBytes,
    cpuMsPerRequest: Math.max(0, ((result.serverCpuSeconds - scrapingCpuSeconds) * 1000) / result.latencyMs.count),
    peakGrowthBytes: memoryOf(contender.pid).peakBytes - residentBefore,
  };
}
