// Property: whatever becomes of kube-controller-manager and of the API server, two controllers scale HPAs at once for one round of the other's at most.
import { expect } from 'chai';
import * as fc from 'fast-check';
import { NativeOwnership } from '../../src/controller/native-ownership.ts';

const periodMs = 15_000;
/** How often the canary is read. */
const stepMs = 5_000;
/** Beyond it, whoever is there was asked, and had the time to answer however often silence misled us. */
const longestSilenceMs = 1.25 * 12 * periodMs;

/** What happens for a while. */
interface Phase {
  readonly steps: number;
  readonly isControllerUp: boolean;
  readonly isApiServerUp: boolean;
  /** How far the controller is behind, as a part of the most that its number of HPAs explains. */
  readonly lag: number;
}

const short = fc.integer({ min: 1, max: 20 });
const long = fc.integer({ min: 1, max: 400 });

function phasesOf(steps: fc.Arbitrary<number>, maxLength: number): fc.Arbitrary<Phase[]> {
  const phase = fc.record<Phase>({
    steps,
    isControllerUp: fc.boolean(),
    isApiServerUp: fc.oneof({ weight: 4, arbitrary: fc.constant(true) }, fc.boolean()),
    lag: fc.double({ min: 0, max: 1, noNaN: true }),
  });
  return fc.array(phase, { minLength: 1, maxLength });
}

/** Long ones, and an API server that comes and goes within seconds. */
const phases = fc.oneof(
  phasesOf(fc.oneof({ weight: 3, arbitrary: short }, long), 30),
  phasesOf(fc.integer({ min: 1, max: 3 }), 200),
);

/** A cluster in which at most one canary is there at a time, and its state as one process of Headroom sees it. */
class Story {
  readonly ownership: NativeOwnership;
  readonly #hpas: number;
  nowMs = 0;
  /** Since when the controller is up beside an API server that answers; undefined: one of both is away. */
  #upSinceMs: number | undefined;
  /** Since when it is away beside an API server that answers. */
  #awaySinceMs: number | undefined;
  #canary = { uid: 'canary-0', madeAtMs: 0, isWritten: false };

  constructor(hpas: number, random: number) {
    this.#hpas = hpas;
    this.ownership = new NativeOwnership({ syncPeriodMs: periodMs, random: () => random });
  }

  /** One period, and the turns of all HPAs before the canary's. */
  get roundMs(): number {
    return periodMs + this.#hpas * 100;
  }

  get upForMs(): number {
    return this.#upSinceMs === undefined ? 0 : this.nowMs - this.#upSinceMs;
  }

  get awayForMs(): number {
    return this.#awaySinceMs === undefined ? 0 : this.nowMs - this.#awaySinceMs;
  }

  step({ isControllerUp, isApiServerUp, lag }: Phase): void {
    this.nowMs += stepMs;
    this.#upSinceMs = isControllerUp && isApiServerUp ? (this.#upSinceMs ?? this.nowMs) : undefined;
    this.#awaySinceMs = !isControllerUp && isApiServerUp ? (this.#awaySinceMs ?? this.nowMs) : undefined;
    if (!isApiServerUp) {
      this.ownership.notHeard();
      return;
    }
    this.#answer(lag);
    this.#read();
  }

  #answer(lag: number): void {
    if (this.#upSinceMs === undefined || this.#canary.isWritten) return;
    const waitsSinceMs = Math.max(this.#upSinceMs, this.#canary.madeAtMs);
    if (this.nowMs - waitsSinceMs < periodMs + lag * this.#hpas * 100) return;
    this.#canary.isWritten = true;
    this.ownership.othersSeen(this.nowMs);
  }

  #read(): void {
    if (this.#canary.isWritten && this.ownership.isTimeToAsk(this.nowMs)) {
      this.#canary = { uid: `canary-${this.nowMs}`, madeAtMs: this.nowMs, isWritten: false };
    }
    if (!this.#canary.isWritten) this.ownership.canaryRead(this.#canary.uid, this.nowMs, this.#hpas);
  }
}

describe('whose native HPAs are, whatever happens', () => {
  const hpas = fc.integer({ min: 0, max: 5_000 });
  const random = fc.double({ min: 0, max: 0.999, noNaN: true });

  it('two controllers scale at once for one round of the other one at most, each time that it comes', () => {
    fc.assert(
      fc.property(phases, hpas, random, (story, count, chance) => {
        const world = new Story(count, chance);
        for (const phase of story) {
          for (let step = 0; step < phase.steps; step++) {
            world.step(phase);
            if (world.upForMs > world.roundMs + stepMs) expect(world.ownership.owner).not.to.equal('ours');
          }
        }
      }),
    );
  });

  it('never takes over from one that is always there, however often and however long the API server is away', () => {
    fc.assert(
      fc.property(phases, hpas, random, (story, count, chance) => {
        const world = new Story(count, chance);
        for (const phase of story) {
          for (let step = 0; step < phase.steps; step++) {
            world.step({ ...phase, isControllerUp: true });
            expect(world.ownership.owner).not.to.equal('ours');
          }
        }
      }),
    );
  });

  it('nobody scales for no longer than it takes to ask and to be sure, each time that the other one goes', () => {
    fc.assert(
      fc.property(phases, hpas, random, (story, count, chance) => {
        const world = new Story(count, chance);
        for (const phase of story) {
          for (let step = 0; step < phase.steps; step++) {
            world.step(phase);
            const enoughMs = longestSilenceMs + world.ownership.patienceMs(count) + 3 * stepMs;
            if (world.awayForMs > enoughMs) expect(world.ownership.owner).to.equal('ours');
          }
        }
      }),
    );
  });
});
