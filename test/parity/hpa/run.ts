// Flow: one run: the same world on both sides, step by step, and a comparison after each.
import { setTimeout as sleep } from 'node:timers/promises';
import { changeGroup } from './changes.ts';
import { compareHpa } from './compare.ts';
import { Dice } from './dice.ts';
import { SharedKubelets } from './kubelets.ts';
import { makeGroups } from './make-groups.ts';
import type { ApiWrite, Change, Group } from './model.ts';
import type { ParityOptions } from './options.ts';
import { type Comparison, countBy, makeReport, type Report } from './report.ts';
import { hasUsage, type Side, startSide, syncPeriodMs } from './side.ts';
import { type HpaSnapshot, hpaFields, readHpas, takeSnapshots } from './snapshot.ts';
import { hpaWrites, setupWrites } from './writes.ts';

/** metrics-server stores what it read when the last node of a round has answered. */
const storedAfterMs = 2_000;
/** Two syncs and some time for the status to be written. */
const leastMs = 2 * syncPeriodMs + 2_000;
/** Longer than the default policies' 15 s and a sync: who has not moved for so long will not move any more. */
const quietMs = 21_000;
const deadlineMs = 80_000;
const lookEveryMs = 1_500;

export interface RunDeps {
  readonly options: ParityOptions;
  readonly signal: AbortSignal;
  readonly progress: (line: string) => void;
}

export async function run({ options, signal, progress }: RunDeps): Promise<Report> {
  const startMs = Date.now();
  const groups = makeGroups(options.seed, options.hpas);
  await using kubelets = new SharedKubelets(groups, startMs - 30_000);
  kubelets.publish(startMs);
  const places = { A: await kubelets.listen('A'), B: await kubelets.listen('B') };
  progress('starting two control planes');
  const start = (name: 'A' | 'B', contender: 'reference' | 'headroom'): Promise<Side> =>
    startSide({ name, contender, kubelets: places[name], nowMs: startMs });
  await using a = await start('A', 'reference');
  await using b = await start('B', options.self ? 'reference' : 'headroom');
  const world = new World({ sides: [a, b], groups, kubelets, signal, progress });
  await world.setUp(startMs);
  const comparisons = [...(await world.step(0, new Map(groups.map((group) => [group, { what: 'created' }]))))];
  for (let step = 1; step <= options.steps; step++) {
    const nowMs = Date.now();
    const dice = (group: Group): Dice => new Dice(options.seed, `step ${step} ${group.name}`);
    const changes = new Map(groups.map((group) => [group, changeGroup(dice(group), group, nowMs)]));
    comparisons.push(...(await world.step(step, changes)));
  }
  return makeReport(options, comparisons, world.seen());
}

interface WorldDeps {
  readonly sides: readonly [Side, Side];
  readonly groups: readonly Group[];
  readonly kubelets: SharedKubelets;
  readonly signal: AbortSignal;
  readonly progress: (line: string) => void;
}

class World {
  readonly #deps: WorldDeps;
  readonly #seen: string[] = [];
  readonly #knownEvents = new Set<string>();

  constructor(deps: WorldDeps) {
    this.#deps = deps;
  }

  /** Everything but the HPAs; resolves when both sides serve usage. */
  async setUp(startMs: number): Promise<void> {
    const { groups, kubelets, progress, sides } = this.#deps;
    progress('creating targets and pods');
    for (const writes of setupWrites(groups, startMs)) await this.#write(writes);
    progress('waiting for usage');
    await this.#read();
    kubelets.publish(Date.now());
    await this.#read();
    await Promise.all(sides.map(hasUsage));
  }

  /** What happened, as far as the run shows it, and how often. */
  seen(): Readonly<Record<string, number>> {
    return countBy(this.#seen);
  }

  /** Changes both sides, waits until they are at rest, and compares. */
  async step(step: number, changes: ReadonlyMap<Group, Change>): Promise<readonly Comparison[]> {
    const { groups, kubelets, progress, sides, signal } = this.#deps;
    signal.throwIfAborted();
    const beganAtMs = Date.now();
    await this.#write(step === 0 ? hpaWrites(groups) : [...changes.values()].flatMap(({ write }) => write ?? []));
    if (step > 0) {
      kubelets.publish(Date.now());
      await this.#read();
    }
    const moving = await this.#settle(beganAtMs);
    const [a, b] = await Promise.all(sides.map((side) => takeSnapshots(side, groups, beganAtMs)));
    const comparisons = groups.flatMap((group) =>
      group.hpas.map(({ name, kind }): Comparison => {
        const hpa = `${group.namespace}/${name}`;
        const change = changes.get(group)?.what ?? 'nothing';
        this.#remember(hpa, change, a?.get(hpa));
        const differences = compareHpa(a?.get(hpa), b?.get(hpa));
        return { step, hpa, kind, change, settled: !moving.has(hpa), differences };
      }),
    );
    const different = comparisons.filter(({ settled, differences }) => settled && differences.length > 0).length;
    const seconds = Math.round((Date.now() - beganAtMs) / 1000);
    progress(
      `step ${step}: ${comparisons.length} HPAs, ${different} different, ${moving.size} not settled, ${seconds} s`,
    );
    return comparisons;
  }

  async #write(writes: readonly ApiWrite[]): Promise<void> {
    await Promise.all(this.#deps.sides.map((side) => side.write(writes)));
  }

  async #read(): Promise<void> {
    const { kubelets, sides, signal } = this.#deps;
    await Promise.all(sides.map(({ name }) => kubelets.readBy(name)));
    await sleep(storedAfterMs, undefined, { signal });
  }

  /** Waits until no HPA of either side has moved for a while. Returns those that still did at the deadline. */
  async #settle(beganAtMs: number): Promise<ReadonlySet<string>> {
    const { sides, signal } = this.#deps;
    const last = new Map<string, { text: string; atMs: number }>();
    const readyAtMs = Date.now();
    for (;;) {
      await sleep(lookEveryMs, undefined, { signal });
      const nowMs = Date.now();
      for (const [key, text] of (await Promise.all(sides.map((side) => statusTexts(side, beganAtMs)))).flat()) {
        if (last.get(key)?.text !== text) last.set(key, { text, atMs: last.has(key) ? nowMs : readyAtMs });
      }
      const moving = [...last].filter(([, { atMs }]) => nowMs - atMs < quietMs).map(([key]) => key.slice(2));
      if (nowMs - readyAtMs >= leastMs && moving.length === 0) return new Set();
      if (nowMs - beganAtMs >= deadlineMs) return new Set(moving);
    }
  }

  /** What side A shows; an event counts when it is new. */
  #remember(hpa: string, change: string, snapshot: HpaSnapshot | undefined): void {
    this.#seen.push(`change: ${change}`);
    for (const text of snapshot?.events.texts ?? []) {
      if (!this.#knownEvents.has(`${hpa} ${text}`)) this.#seen.push(`event: ${text.split(':')[0]}`);
      this.#knownEvents.add(`${hpa} ${text}`);
    }
    for (const type of ['AbleToScale', 'ScalingActive', 'ScalingLimited']) {
      const condition = snapshot?.fields[type] as { readonly status: string; readonly reason: string } | undefined;
      if (condition !== undefined) this.#seen.push(`${type} ${condition.status} ${condition.reason}`);
    }
  }
}

/** `A namespace/name` and what is compared of its status. */
async function statusTexts(side: Side, sinceMs: number): Promise<readonly (readonly [string, string])[]> {
  const hpas = await readHpas(side);
  return [...hpas].map(([key, hpa]) => [`${side.name} ${key}`, JSON.stringify(hpaFields(hpa, sinceMs))]);
}
