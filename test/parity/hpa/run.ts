// Flow: one run: the same world on both sides, step by step, and a comparison after each.
import { setTimeout as sleep } from 'node:timers/promises';
import { changeGroup, isSeenTwice } from './changes.ts';
import { compareHpa } from './compare.ts';
import { Dice } from './dice.ts';
import { SharedKubelets } from './kubelets.ts';
import { makeGroups } from './make-groups.ts';
import type { ApiWrite, Change, Group, HpaModel, ValueWrite } from './model.ts';
import type { ParityOptions } from './options.ts';
import { fullPace, type Pace, quickPace } from './pace.ts';
import { type Comparison, countBy, makeReport, type Report, renderComparison, unintended } from './report.ts';
import { type Side, startSide } from './side.ts';
import { type HpaSnapshot, hpaFields, readHpas, takeSnapshots } from './snapshot.ts';
import { hpaWrites, setupWrites } from './writes.ts';

/** How often both sides are looked at, within the time after which they count as quiet. */
const looksPerQuietTime = 8;

export interface RunDeps {
  readonly options: ParityOptions;
  readonly signal: AbortSignal;
  readonly progress: (line: string) => void;
  /** Takes what the controller of each side has logged, when something differs. */
  readonly keepLog: (side: string, text: string) => Promise<void>;
}

export async function run({ options, signal, progress, keepLog }: RunDeps): Promise<Report> {
  const startMs = Date.now();
  const pace = options.quick ? quickPace : fullPace;
  const groups = makeGroups(options.seed, options.hpas, pace);
  await using kubelets = new SharedKubelets(groups, startMs - 30_000);
  kubelets.publish(startMs);
  progress('starting two control planes');
  await using undo = new AsyncDisposableStack();
  const start = async (name: 'A' | 'B', contender: 'reference' | 'headroom'): Promise<Side> => {
    const place = await kubelets.listen(name);
    const kind = contender === 'headroom' ? options.kind : 'hpa';
    return undo.use(await startSide({ name, contender, kind, kubelets: place, pace, nowMs: startMs }));
  };
  const sides = await Promise.all([start('A', 'reference'), start('B', options.self ? 'reference' : 'headroom')]);
  const world = new World({ sides, groups, kubelets, pace, signal, progress });
  await world.setUp(startMs);
  const comparisons = [...(await world.step(0, new Map(groups.map((group) => [group, { what: 'created' }]))))];
  for (let step = 1; step <= options.steps; step++) {
    const nowMs = Date.now();
    const dice = (group: Group): Dice => new Dice(options.seed, `step ${step} ${group.name}`);
    const changes = new Map(
      groups.map((group) => [group, changeGroup(dice(group), { group, step, nowMs, pace })] as const),
    );
    comparisons.push(...(await world.step(step, changes)));
  }
  const report = makeReport(options, comparisons, { seen: world.seen(), slowness: world.slowness });
  if (report.different > 0) for (const side of sides) await keepLog(side.name, await side.log());
  return report;
}

interface WorldDeps {
  readonly sides: readonly [Side, Side];
  readonly groups: readonly Group[];
  readonly kubelets: SharedKubelets;
  readonly pace: Pace;
  readonly signal: AbortSignal;
  readonly progress: (line: string) => void;
}

class World {
  readonly #deps: WorldDeps;
  readonly #seen: string[] = [];
  readonly #knownEvents = new Set<string>();
  /** By HPA: see compare.ts. */
  readonly #chanceEvents = new Map<string, Set<string>>();
  /** The longest time between two syncs of an HPA by the reference, on the average of a step; in sync periods. */
  slowness = 0;

  constructor(deps: WorldDeps) {
    this.#deps = deps;
  }

  /** Everything but the HPAs; resolves when both sides serve usage. */
  async setUp(startMs: number): Promise<void> {
    const { groups, kubelets, progress, sides } = this.#deps;
    progress('creating targets and pods');
    for (const writes of setupWrites(groups, startMs)) await this.#write(writes);
    await this.#writeValues(groups.flatMap(({ hpas }) => hpas.flatMap(({ values }) => values)));
    progress('waiting for usage');
    // Of one sample there is no usage.
    await Promise.all(sides.map(({ name }) => kubelets.readBy(name)));
    await this.#sample();
  }

  /** What happened, as far as the run shows it, and how often. */
  seen(): Readonly<Record<string, number>> {
    return countBy(this.#seen);
  }

  /** Changes both sides, waits until they are at rest, and compares. */
  async step(step: number, changes: ReadonlyMap<Group, Change>): Promise<readonly Comparison[]> {
    const { groups, pace, progress, sides, signal } = this.#deps;
    signal.throwIfAborted();
    const beganAtMs = Date.now();
    await this.#writeValues([...changes.values()].flatMap(({ values }) => values ?? []));
    await this.#write(step === 0 ? hpaWrites(groups) : [...changes.values()].flatMap(({ write }) => write ?? []));
    if (step > 0) await this.#sample();
    const sampledAtMs = Date.now();
    const syncsBefore = await sides[0].syncs();
    const moving = await this.#settle(beganAtMs);
    const settledAtMs = Date.now();
    const syncs = ((await sides[0].syncs()) ?? 0) - (syncsBefore ?? 0);
    const syncedEveryMs = ((settledAtMs - sampledAtMs) * groups.flatMap(({ hpas }) => hpas).length) / syncs;
    // The first sync comes a period after an HPA was made.
    if (step > 0) this.slowness = Math.max(this.slowness, syncedEveryMs / pace.syncPeriodMs);
    await Promise.all(sides.map((side) => side.reported(step)));
    const [a, b] = await Promise.all(sides.map((side) => takeSnapshots(side, groups, beganAtMs)));
    const comparisons = groups.flatMap((group) =>
      group.hpas.map((model): Comparison => {
        const { name, kind } = model;
        const hpa = `${group.namespace}/${name}`;
        const change = changes.get(group)?.what ?? 'nothing';
        this.#remember(hpa, { change, model, snapshot: a?.get(hpa) });
        const differences = compareHpa(a?.get(hpa), b?.get(hpa), {
          canFlap: isSeenTwice(change),
          events: this.#chanceEvents.getOrInsertComputed(hpa, () => new Set()),
        });
        return { step, hpa, kind, change, settled: !moving.has(hpa), differences };
      }),
    );
    const different = comparisons.filter(({ settled, differences }) => settled && differences.length > 0);
    const counts = `${comparisons.length} HPAs, ${unintended(different).length} different, ${moving.size} not settled`;
    const seconds = (fromMs: number, toMs: number): string => `${Math.round((toMs - fromMs) / 1000)} s`;
    const times = [
      `changed in ${seconds(beganAtMs, sampledAtMs)}`,
      `at rest after ${seconds(sampledAtMs, settledAtMs)}`,
      `events written after ${seconds(settledAtMs, Date.now())}`,
      `A synced each HPA every ${(syncedEveryMs / 1000).toFixed(1)} s`,
    ];
    progress(`step ${step}: ${counts}; ${times.join(', ')}`);
    for (const each of unintended(different)) progress(renderComparison(each).join('\n'));
    return comparisons;
  }

  async #write(writes: readonly ApiWrite[]): Promise<void> {
    await Promise.all(this.#deps.sides.map((side) => side.write(writes)));
  }

  async #writeValues(values: readonly ValueWrite[]): Promise<void> {
    await Promise.all(this.#deps.sides.map((side) => side.writeValues(values)));
  }

  /** A new sample of everything; resolves when both sides serve it. */
  async #sample(): Promise<void> {
    const { kubelets, sides } = this.#deps;
    const sampledAtMs = Date.now();
    kubelets.publish(sampledAtMs);
    await Promise.all(sides.map((side) => side.serves(sampledAtMs)));
  }

  /**
   * Waits until no HPA of either side has moved for a while. One that has no condition yet is still to be looked at: just after its start Headroom waits
   * for metrics that are missing (K7). Returns those that still moved at the deadline.
   */
  async #settle(beganAtMs: number): Promise<ReadonlySet<string>> {
    const { pace, progress, sides, signal } = this.#deps;
    const last = new Map<string, { text: string; atMs: number }>();
    const readyAtMs = Date.now();
    for (;;) {
      await sleep(pace.quietMs / looksPerQuietTime, undefined, { signal });
      const nowMs = Date.now();
      for (const [key, text] of (await Promise.all(sides.map((side) => statusTexts(side, beganAtMs)))).flat()) {
        if (last.get(key)?.text !== text || text === unseen)
          last.set(key, { text, atMs: last.has(key) ? nowMs : readyAtMs });
      }
      const moving = [...last].filter(([, { atMs }]) => nowMs - atMs < pace.quietMs);
      if (nowMs - readyAtMs >= pace.quietMs && moving.length === 0) return new Set();
      if (nowMs - beganAtMs < pace.deadlineMs) continue;
      for (const [key, { text }] of moving) progress(`still moves: ${key} ${text}`);
      return new Set(moving.map(([key]) => key.slice(2)));
    }
  }

  /** What side A shows; an event counts when it is new. */
  #remember(
    hpa: string,
    { change, model, snapshot }: { change: string; model: HpaModel; snapshot: HpaSnapshot | undefined },
  ): void {
    this.#seen.push(`change: ${change}`);
    if (snapshot === undefined) return;
    const metrics = (model.spec['metrics'] ?? []) as readonly { readonly type: string }[];
    for (const { type } of metrics) this.#seen.push(`metric: ${type}`);
    for (const text of snapshot.events.texts) {
      if (!this.#knownEvents.has(`${hpa} ${text}`)) this.#seen.push(`event: ${text.split(':')[0]}`);
      this.#knownEvents.add(`${hpa} ${text}`);
    }
    for (const type of ['AbleToScale', 'ScalingActive', 'ScalingLimited', 'ScaledToZero']) {
      const condition = snapshot.fields[type] as { readonly status: string; readonly reason: string } | undefined;
      if (condition !== undefined) this.#seen.push(`${type} ${condition.status} ${condition.reason}`);
    }
  }
}

const unseen = 'no condition yet';

/** `A namespace/name` and what is compared of its status. */
async function statusTexts(side: Side, sinceMs: number): Promise<readonly (readonly [string, string])[]> {
  const hpas = await readHpas(side);
  return [...hpas].map(([key, hpa]) => {
    const isSeen = (hpa.status?.conditions ?? []).length > 0;
    return [`${side.name} ${key}`, isSeen ? JSON.stringify(hpaFields(hpa, sinceMs)) : unseen];
  });
}
