// Types only: everything that is measured of one contender. Units are in the names.
import type { ContenderName } from './options.ts';
import type { Served } from './plausible.ts';
import type { Summary } from './statistics.ts';

export interface StartFigures {
  /** From the start of the process until every pod was served. */
  readonly servingAllSeconds: number;
  readonly cpuSeconds: number;
  readonly peakBytes: number;
}

/** Nothing is asked; samples are scraped and stored. */
export interface SteadyFigures {
  readonly cycles: number;
  readonly cpuSecondsPerCycle: number;
  /** Median of one look per second. */
  readonly residentBytes: number;
  readonly peakBytes: number;
  readonly scrapesPerCycle: number;
  readonly kubeletsCpuSecondsPerCycle: number;
  readonly apiServerCpuSecondsPerCycle: number;
}

export interface RequestFigures {
  readonly connections: number;
  readonly perSecond: number;
  readonly latencyMs: Summary;
  readonly bodyBytes: number;
  /** Of the server, after what scraping takes in the same time is taken off. */
  readonly cpuMsPerRequest: number;
  /** Most that was resident during the requests, beyond what was resident before them. */
  readonly peakGrowthBytes: number;
}

export const requestKinds = [
  'listAllOncePerCycle',
  'listAll',
  'listAllGzip',
  'listAllProtobuf',
  'listNamespace',
  'listSelector',
  'getPod',
] as const;
export type RequestKind = (typeof requestKinds)[number];

/** Ages of the samples of healthy nodes, in seconds, as anybody who asks each second sees them. */
export interface FaultFigures {
  readonly ageHealthySeconds: Summary;
  readonly ageWithHungNodeSeconds: Summary;
  /** How long a pod was gone after its kubelet failed for one cycle. */
  readonly goneAfterFailureSeconds: number;
}

/** One autoscaler for each of `hpas` Deployments of ten pods. */
export interface AutoscalingFigures {
  readonly hpas: number;
  /** From writing all of them until each was evaluated once; until the end of eight periods where some were not. */
  readonly firstRoundSeconds: number;
  /** How many were not. */
  readonly unevaluated: number;
  /** Whole syncs, while nothing changes. */
  readonly evaluationsPerSecond: number;
  /** Syncs, and looks between them that samples called for, per sync. */
  readonly looksPerEvaluation: number;
  /** Of the contender's processes and the API server, beyond what they take without autoscalers. */
  readonly cpuMsPerEvaluation: number;
  /** Without the API server. */
  readonly ownCpuMsPerEvaluation: number;
  /** Of the contender's processes, beyond what they take without autoscalers. */
  readonly contenderCores: number;
  readonly requestsPerEvaluation: number;
  /** Of all kubelets, while nothing changes. */
  readonly scrapesPerCycle: number;
  /** Of all processes of the contender. */
  readonly residentBytes: number;
  /** From the step of an app's usage to the change of its replicas: apps one by one, and all others at once. */
  readonly stepToScaleSeconds: Summary | undefined;
  readonly herdToScaleSeconds: Summary | undefined;
  /** How many were not within twelve periods; they count as if they had been at the end of these. */
  readonly unscaled: number;
}

export interface ContenderFigures {
  readonly name: ContenderName;
  /** Of metrics-server its release, of Headroom the commit. */
  readonly version: string;
  readonly start: StartFigures;
  readonly served: Served;
  readonly steady: SteadyFigures;
  readonly requests: Readonly<Record<RequestKind, RequestFigures>>;
  readonly faults: FaultFigures | undefined;
  /** undefined in runs without autoscalers. */
  readonly autoscaling?: AutoscalingFigures | undefined;
  /** The start after a stop in good order. */
  readonly restart?: StartFigures | undefined;
  /** Resident at the end of everything. */
  readonly residentAtEndBytes: number;
  readonly stopMs: number;
}
