import { assert, expect } from 'chai';
import * as fc from 'fast-check';
import type { ContainerUsage } from '../cluster/sim/container-usage.ts';
import type { LoadModel } from '../cluster/sim/load-model.ts';
import { annotations, type SimulatedPod } from '../cluster/sim/types.ts';
import { beginMs, simContainer, simModel, simPod, simWorkload } from '../support/sim-builders.ts';

function startReady(model: LoadModel, pod: SimulatedPod, atSeconds = 0): void {
  model.startPod(pod, beginMs + atSeconds * 1000);
  model.setReady(pod.uid, true, beginMs + atSeconds * 1000);
}

function refresh(model: LoadModel, atSeconds: number): void {
  model.node('sim-0')?.refresh(beginMs + atSeconds * 1000);
}

function containersOf(model: LoadModel, pod: string): readonly ContainerUsage[] {
  const found = model.node('sim-0')?.pods.find((candidate) => candidate.pod.name === pod);
  assert(found !== undefined, `pod ${pod} does not run`);
  return found.containers;
}

/** CPU counter of a pod's first container at its last sample, in core-seconds. */
function coreSeconds(model: LoadModel, pod: string): number {
  return (containersOf(model, pod)[0]?.sampledCoreNanoSeconds ?? Number.NaN) / 1e9;
}

function workingSet(model: LoadModel, pod: string): number {
  return containersOf(model, pod)[0]?.sampledBytes ?? Number.NaN;
}

describe('a workload', () => {
  it('is shared equally among its ready pods', () => {
    const model = simModel({ cores: 3, bytes: 9e9 });
    for (const name of ['a', 'b', 'c']) startReady(model, simPod(name));
    refresh(model, 10);
    for (const name of ['a', 'b', 'c']) {
      expect(coreSeconds(model, name)).to.equal(10);
      expect(workingSet(model, name)).to.equal(3e9);
    }
  });

  it('is carried from the instant a pod is ready until it is not', () => {
    const model = simModel({ cores: 2 });
    model.startPod(simPod('a'), beginMs);
    model.setReady('a', true, beginMs + 4000);
    model.setReady('a', false, beginMs + 7000);
    refresh(model, 10);
    expect(coreSeconds(model, 'a')).to.equal(6);
  });

  it('moves to the pods that join and back from those that leave', () => {
    const model = simModel({ cores: 2 });
    startReady(model, simPod('a'));
    startReady(model, simPod('b'), 10);
    model.stopPod('b', beginMs + 20_000);
    refresh(model, 30);
    expect(coreSeconds(model, 'a')).to.equal(20 + 10 + 20);
  });

  it('goes on as it was told at run time, from that instant', () => {
    const model = simModel({ cores: 1, bytes: 100 });
    startReady(model, simPod('a'));
    model.setDemand(
      'web',
      { cores: { kind: 'ramp', from: 0, to: 10, atSeconds: 0, durationSeconds: 10 } },
      beginMs + 5000,
    );
    refresh(model, 15);
    expect(coreSeconds(model, 'a')).to.equal(5 + 50);
    expect(workingSet(model, 'a')).to.equal(100);
  });

  it('chooses pods by namespace and all of its labels', () => {
    const model = simModel({ cores: 1, selector: { app: 'web', tier: 'front' } });
    startReady(model, simPod('chosen', { labels: { app: 'web', tier: 'front', more: 'yes' } }));
    startReady(model, simPod('half', { labels: { app: 'web' } }));
    startReady(model, simPod('elsewhere', { namespace: 'other', labels: { app: 'web', tier: 'front' } }));
    refresh(model, 10);
    expect(['chosen', 'half', 'elsewhere'].map((name) => coreSeconds(model, name))).to.deep.equal([10, 0, 0]);
  });

  it('burdens the container it names, and the first where it names none', () => {
    const containers = [simContainer({ name: 'proxy' }), simContainer({ name: 'app' })];
    const byName = simModel({ cores: 1, container: 'app' });
    const byOrder = simModel({ cores: 1 });
    for (const model of [byName, byOrder]) {
      startReady(model, simPod('a', { containers }));
      refresh(model, 10);
    }
    const used = (model: LoadModel): number[] =>
      containersOf(model, 'a').map((each) => each.sampledCoreNanoSeconds / 1e9);
    expect(used(byName)).to.deep.equal([0, 10]);
    expect(used(byOrder)).to.deep.equal([10, 0]);
  });

  it('says what it asks for and who shares it', () => {
    const model = simModel({ cores: { kind: 'step', from: 1, to: 2, atSeconds: 10 }, bytes: 5 });
    startReady(model, simPod('a'));
    const state = model.workloadState('web', beginMs + 10_000);
    expect(state).to.deep.equal({ name: 'web', demandCores: 2, demandBytes: 5, readyPods: 1 });
  });

  it('that nobody knows is refused', () => {
    expect(() => simModel().setDemand('typo', { cores: 1 }, beginMs)).to.throw(RangeError, 'no workload is named typo');
  });
});

describe('a container', () => {
  const idle = { idleCores: 0.1, idleBytes: 1000, systemCores: 0, systemBytes: 0 };

  it('uses its idle amount without work and adds its share to it', () => {
    const model = simModel({ cores: 1, bytes: 500 }, { usage: idle });
    startReady(model, simPod('busy'));
    startReady(model, simPod('idle', { labels: {} }));
    refresh(model, 10);
    expect(coreSeconds(model, 'busy')).to.equal(11);
    expect(workingSet(model, 'busy')).to.equal(1500);
    expect(coreSeconds(model, 'idle')).to.equal(1);
    expect(workingSet(model, 'idle')).to.equal(1000);
  });

  it('never uses more than its limits', () => {
    const model = simModel({ cores: 10, bytes: 1e9 }, { usage: { ...idle, noiseRatio: 0.5 } });
    const containers = [simContainer({ cpuLimitCores: 0.5, memoryLimitBytes: 1e6 })];
    startReady(model, simPod('a', { containers }));
    let before = 0;
    for (const second of [10, 20, 30]) {
      refresh(model, second);
      expect(coreSeconds(model, 'a') - before).to.be.at.most(5 + 1e-9);
      expect(workingSet(model, 'a')).to.be.at.most(1e6);
      before = coreSeconds(model, 'a');
    }
  });

  it('uses what its pod is annotated with', () => {
    const model = simModel();
    const annotated = { [annotations.cpu]: '250m', [annotations.memory]: '64Mi' };
    startReady(model, simPod('a', { labels: {}, annotations: annotated }));
    refresh(model, 8);
    expect(coreSeconds(model, 'a')).to.equal(2);
    expect(workingSet(model, 'a')).to.equal(64 * 2 ** 20);
  });

  it('has a first sample of zero the moment it starts, and the next at the node’s next refresh', () => {
    const model = simModel({ cores: 1 });
    startReady(model, simPod('a'), 3);
    const [container] = containersOf(model, 'a');
    expect(container).to.include({ sampledAtMs: beginMs + 3000, sampledCoreNanoSeconds: 0 });
    refresh(model, 5);
    expect(container).to.include({ sampledAtMs: beginMs + 5000, sampledCoreNanoSeconds: 2e9 });
  });

  it('begins at zero with a new start time when it is restarted, while the pod’s counter goes on', () => {
    const model = simModel({ cores: 1 });
    startReady(model, simPod('a'));
    model.restartContainer('a', undefined, beginMs + 10_000);
    refresh(model, 12);
    const pod = model.node('sim-0')?.pods[0];
    expect(coreSeconds(model, 'a')).to.equal(2);
    expect(containersOf(model, 'a')[0]?.startedAtMs).to.equal(beginMs + 10_000);
    expect(pod?.sampledCoreNanoSeconds).to.equal(12e9);
  });

  it('keeps the start time it had before the simulation took it over', () => {
    const model = simModel();
    model.startPod(simPod('a'), beginMs, { main: { startedAtMs: beginMs - 60_000 } });
    expect(containersOf(model, 'a')[0]?.startedAtMs).to.equal(beginMs - 60_000);
  });
});

describe('a node', () => {
  it('counts its pods, those that are gone too, and what the system uses', () => {
    const usage = { idleCores: 0, idleBytes: 50, systemCores: 0.5, systemBytes: 1000 };
    const model = simModel({ cores: 2 }, { usage });
    startReady(model, simPod('a'));
    model.stopPod('a', beginMs + 10_000);
    startReady(model, simPod('b', { labels: {} }), 10);
    refresh(model, 20);
    const node = model.node('sim-0');
    expect(node?.sampledCoreNanoSeconds).to.equal(20e9 + 10e9);
    expect(node?.sampledBytes).to.equal(1050);
  });

  it('begins at zero with the same start times when its counters are reset', () => {
    const model = simModel({ cores: 1 });
    startReady(model, simPod('a'));
    refresh(model, 10);
    model.node('sim-0')?.resetCounters();
    refresh(model, 13);
    expect(coreSeconds(model, 'a')).to.equal(3);
    expect(containersOf(model, 'a')[0]?.startedAtMs).to.equal(beginMs);
  });

  it('keeps its samples while it is frozen', () => {
    const model = simModel({ cores: 1 });
    startReady(model, simPod('a'));
    refresh(model, 10);
    const node = model.node('sim-0');
    assert(node !== undefined);
    node.frozen = true;
    refresh(model, 20);
    expect(node.sampledAtMs).to.equal(beginMs + 10_000);
    expect(coreSeconds(model, 'a')).to.equal(10);
  });

  it('has a refresh every 10 to 20 s', () => {
    const model = simModel();
    const node = model.node('sim-0');
    assert(node !== undefined);
    for (let round = 0; round < 50; round++) {
      const dueAtMs = node.nextRefreshAtMs;
      model.refreshDue(dueAtMs - 1);
      expect(node.nextRefreshAtMs).to.equal(dueAtMs);
      model.refreshDue(dueAtMs);
      expect(node.sampledAtMs).to.equal(dueAtMs);
      expect(node.nextRefreshAtMs - dueAtMs).to.be.within(10_000, 20_000);
    }
  });

  it('has a phase of its own', () => {
    const nodeNames = Array.from({ length: 50 }, (_, index) => `sim-${index}`);
    const model = simModel({}, { nodeNames });
    const phases = new Set(nodeNames.map((name) => model.node(name)?.nextRefreshAtMs));
    expect(phases.size).to.be.greaterThan(40);
    for (const phase of phases) expect(phase).to.be.within(beginMs, beginMs + 10_000);
  });
});

describe('the load model', () => {
  /** Counters of two pods after some refreshes, as one text. */
  const story = (seed: number): string => {
    const model = simModel({ cores: 3 }, { seed, usage: { noiseRatio: 0.2 } });
    startReady(model, simPod('a'));
    startReady(model, simPod('b'), 5);
    for (let second = 0; second < 120; second++) model.refreshDue(beginMs + second * 1000);
    return `${coreSeconds(model, 'a')} ${coreSeconds(model, 'b')} ${workingSet(model, 'a')}`;
  };

  it('tells the same story for the same seed and another for another', () => {
    expect(story(7)).to.equal(story(7));
    expect(story(7)).to.not.equal(story(8));
  });

  it('hands out exactly the demand, whoever joins and leaves, as long as nobody reaches a limit', () => {
    fc.assert(
      fc.property(stories, ({ demand, moves }) => {
        const model = simModel({ cores: demand });
        const handedOut = play(model, moves, Number.POSITIVE_INFINITY);
        const expected = moves.reduce(
          (sum, { seconds, ready }) => sum + (ready.some(Boolean) ? demand * seconds : 0),
          0,
        );
        expect(handedOut).to.be.closeTo(expected, 1e-6 * (1 + expected));
      }),
    );
  });

  it('hands out the demand or what the limits of the ready pods allow, whichever is less', () => {
    fc.assert(
      fc.property(stories, fc.double({ min: 0.1, max: 5, noNaN: true }), ({ demand, moves }, limit) => {
        const model = simModel({ cores: demand });
        const handedOut = play(model, moves, limit);
        const expected = moves.reduce((sum, { seconds, ready }) => {
          const readyPods = ready.filter(Boolean).length;
          return sum + Math.min(demand, readyPods * limit) * seconds;
        }, 0);
        expect(handedOut).to.be.closeTo(expected, 1e-6 * (1 + expected));
      }),
    );
  });
});

/** For some seconds, these of three pods are ready; then the node is refreshed. */
interface Move {
  readonly seconds: number;
  readonly ready: readonly boolean[];
}

const stories = fc.record({
  demand: fc.double({ min: 0, max: 10, noNaN: true }),
  moves: fc.array(
    fc.record({
      seconds: fc.integer({ min: 1, max: 30 }),
      ready: fc.tuple(fc.boolean(), fc.boolean(), fc.boolean()),
    }),
    { minLength: 1, maxLength: 12 },
  ),
});

/** Plays the moves and returns by how much all counters together grew, in core-seconds. */
function play(model: LoadModel, moves: readonly Move[], limit: number): number {
  const names = ['a', 'b', 'c'];
  for (const name of names) {
    model.startPod(simPod(name, { containers: [simContainer({ cpuLimitCores: limit })] }), beginMs);
  }
  let second = 0;
  for (const move of moves) {
    for (const [index, name] of names.entries()) {
      model.setReady(name, move.ready[index] === true, beginMs + second * 1000);
    }
    second += move.seconds;
    refresh(model, second);
  }
  return names.reduce((sum, name) => sum + coreSeconds(model, name), 0);
}

describe('two workloads', () => {
  it('leave a pod that both choose to the first', () => {
    const workloads = [simWorkload({ cores: 1 }), simWorkload({ name: 'second', cores: 100 })];
    const model = simModel({}, { workloads });
    startReady(model, simPod('a'));
    refresh(model, 10);
    expect(coreSeconds(model, 'a')).to.equal(10);
  });
});
