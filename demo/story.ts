// State: what has happened since the load began, for the screen and the summary.
import type { DecisionRecord } from './decision-record.ts';
import type { LoadLevel } from './load-course.ts';
import type { ClusterView } from './observe.ts';

/** A change of the load. */
export interface LoadStep {
  readonly level: LoadLevel;
  readonly atMs: number;
}

/** What the charts are drawn from. */
export interface Sample {
  readonly atMs: number;
  /** 0 to 1: what the load asks for, of its highest. */
  readonly load: number;
  /** CPU used over CPU requested; undefined before the first sample of a pod. */
  readonly utilization: number | undefined;
  readonly replicas: number;
}

/** A change of replicas. */
export interface Scaling {
  readonly decision: DecisionRecord;
  /** Since the load's step, when it is the first change in the direction of that step. */
  readonly afterStepMs: number | undefined;
}

/** A view of all that is known; the arrays grow, what is in them stays. */
export interface StoryView {
  /** When the load began. */
  readonly startedAtMs: number;
  readonly steps: readonly LoadStep[];
  readonly samples: readonly Sample[];
  readonly scalings: readonly Scaling[];
  /** The range of replicas that was seen; undefined before the first look. */
  readonly replicaRange: { readonly lowest: number; readonly highest: number } | undefined;
  /** The last look at the autoscaler, whatever came of it. */
  readonly lastDecision: DecisionRecord | undefined;
  /** The cluster as last seen, and when. */
  readonly cluster: ClusterView | undefined;
  readonly seenAtMs: number;
}

/** Enough for the widest chart. */
const mostSamples = 3600;

export class Story implements StoryView {
  readonly startedAtMs: number;
  readonly steps: LoadStep[] = [];
  readonly samples: Sample[] = [];
  readonly scalings: Scaling[] = [];
  replicaRange: StoryView['replicaRange'];
  lastDecision: DecisionRecord | undefined;
  cluster: ClusterView | undefined;
  seenAtMs: number;

  constructor(startedAtMs: number) {
    this.startedAtMs = startedAtMs;
    this.seenAtMs = startedAtMs;
  }

  loadChanged(level: LoadLevel, atMs: number): void {
    this.steps.push({ level, atMs });
  }

  clusterSeen(cluster: ClusterView, atMs: number): void {
    this.cluster = cluster;
    this.seenAtMs = atMs;
    const { replicas } = cluster;
    const { lowest, highest } = this.replicaRange ?? { lowest: replicas, highest: replicas };
    this.replicaRange = { lowest: Math.min(lowest, replicas), highest: Math.max(highest, replicas) };
    const load = this.steps.at(-1)?.level === 'busy' ? 1 : 0;
    this.samples.push({ atMs, load, utilization: cluster.utilization, replicas });
    if (this.samples.length > mostSamples) this.samples.shift();
  }

  decided(decision: DecisionRecord): void {
    this.lastDecision = decision;
    if (!decision.hasChanged || decision.atMs < this.startedAtMs) return;
    this.scalings.push({ decision, afterStepMs: this.#afterStepMs(decision) });
  }

  /** Only the first change that follows a step, and goes its way, tells how long Headroom took to see it. */
  #afterStepMs({ atMs, from, to }: DecisionRecord): number | undefined {
    const step = this.steps.findLast((candidate) => candidate.atMs <= atMs);
    const isFirstStep = step === this.steps[0];
    const isFollowed = this.scalings.some(({ decision }) => decision.atMs >= (step?.atMs ?? 0));
    const isItsWay = (step?.level === 'busy') === to > from;
    return step === undefined || isFirstStep || isFollowed || !isItsWay ? undefined : atMs - step.atMs;
  }
}
