// State: everything that is noted in the course of a soak.
import type { EditsSeen } from './soak-edits.ts';
import type { Check, Finding } from './soak-samples.ts';
import type { SelfMetrics } from './soak-self-metrics.ts';

/** One look at Headroom from outside. */
export interface ProcessLook {
  readonly atMs: number;
  readonly residentBytes: number;
  readonly cpuSeconds: number;
}

export interface MetricsLook extends SelfMetrics {
  readonly atMs: number;
  readonly allocatedBytes: number;
}

/** More of one kind say nothing new. */
const keptFindings = 200;

export class SoakRecord {
  /** --pods-per-second. */
  readonly wantedPodsPerSecond: number;
  /** One by one; those of nodes that left and of apps that were scaled come on top. */
  podsReplaced = 0;
  podsStarted = 0;
  podsStopped = 0;
  nodesReplaced = 0;
  edits = 0;
  scaledUp = 0;
  scaledDown = 0;
  checks = 0;
  /** Lists that were not answered with 200. */
  unanswered = 0;
  /** The same of /metrics, which is waited for no longer than 2 s. */
  unreadMetrics = 0;
  /** The longest that the simulated kubelets have stood still. */
  kubeletsLateByMs = 0;
  oldestSampleMs = 0;
  ignoredEdits = 0;
  findingCounts: Record<string, number> = {};
  /** Why it ended before its time. */
  failure: string | undefined;
  readonly process: ProcessLook[] = [];
  readonly metrics: MetricsLook[] = [];
  readonly findings: Finding[] = [];
  readonly ignored: string[] = [];
  readonly podsFirstServedAfterMs: number[] = [];
  readonly nodesFirstServedAfterMs: number[] = [];
  readonly obeyedAfterMs: number[] = [];
  /** Mean ages of all samples of each check. */
  readonly meanSampleAgesMs: number[] = [];

  constructor(wantedPodsPerSecond: number) {
    this.wantedPodsPerSecond = wantedPodsPerSecond;
  }

  sawEdits({ obeyedAfterMs, ignored }: EditsSeen): void {
    this.obeyedAfterMs.push(...obeyedAfterMs);
    this.ignoredEdits += ignored.length;
    this.ignored.push(...ignored.slice(0, Math.max(0, keptFindings - this.ignored.length)));
  }

  sawPods(check: Check): void {
    this.#saw('pod', check);
    this.podsFirstServedAfterMs.push(...check.firstServedAfterMs);
  }

  sawNodes(check: Check): void {
    this.#saw('node', check);
    this.nodesFirstServedAfterMs.push(...check.firstServedAfterMs);
  }

  get findingCount(): number {
    return Object.values(this.findingCounts).reduce((sum, count) => sum + count, 0);
  }

  #saw(what: 'pod' | 'node', { findings, agesMs }: Check): void {
    for (const finding of findings) {
      const kind = `${what} ${finding.kind}`;
      const count = this.findingCounts[kind] ?? 0;
      this.findingCounts[kind] = count + 1;
      if (count < keptFindings) this.findings.push(finding);
    }
    let total = 0;
    for (const ageMs of agesMs) {
      total += ageMs;
      this.oldestSampleMs = Math.max(this.oldestSampleMs, ageMs);
    }
    if (what === 'pod' && agesMs.length > 0) this.meanSampleAgesMs.push(total / agesMs.length);
  }
}
