import { assert, expect } from 'chai';
import {
  acceptPod,
  advancePod,
  finishPod,
  type LifeEffect,
  nextInstant,
  type PodLife,
  restartContainers,
  setProbe,
} from '../cluster/sim/pod-lifecycle.ts';
import { type ApiPod, timingOf } from '../cluster/sim/pod-object.ts';
import { podStatusPatch } from '../cluster/sim/pod-status.ts';
import { annotations } from '../cluster/sim/types.ts';
import { apiPod, beginMs } from '../support/sim-builders.ts';

const timing = { startDelayMs: 1000, readyDelayMs: 500, stopDelayMs: 300 };
const deleted = apiPod({ metadata: { deletionTimestamp: '2025-11-21T13:33:20Z' } });

/** The life after `ms`, and what happened on the way. */
function after(ms: number, life: PodLife, pod: ApiPod = apiPod()): { life: PodLife; effects: readonly LifeEffect[] } {
  return advancePod(life, pod, timing, beginMs + ms);
}

const accepted = acceptPod(apiPod(), timing, beginMs);
const running = after(1000, accepted).life;
const ready = after(1500, running).life;

interface Status {
  readonly phase: string;
  readonly startTime: string;
  readonly podIP?: string;
  readonly conditions: readonly { type: string; status: string; lastTransitionTime: string; reason?: string | null }[];
  readonly containerStatuses: readonly Readonly<Record<string, unknown>>[];
}

function statusOf(life: PodLife, pod: ApiPod = apiPod()): Status {
  return podStatusPatch(pod, life, { hostIp: '127.16.1.1', podIp: '10.0.0.2' }).status as Status;
}

function conditionOf(status: Status, type: string): Status['conditions'][number] {
  const found = status.conditions.find((condition) => condition.type === type);
  assert(found !== undefined, `no condition ${type}`);
  return found;
}

describe('the life of a pod', () => {
  it('runs after its start-up delay and is ready after its readiness delay', () => {
    expect(after(999, accepted)).to.deep.equal({ life: accepted, effects: [] });
    expect(after(1000, accepted).effects).to.deep.equal(['start']);
    expect(after(1499, running)).to.deep.equal({ life: running, effects: [] });
    expect(after(1500, running).effects).to.deep.equal(['ready']);
    expect([accepted, running, ready].map(nextInstant)).to.deep.equal([beginMs + 1000, beginMs + 1500, undefined]);
  });

  it('is ready with its start when there is no readiness delay', () => {
    const pod = apiPod();
    const eager = { ...timing, readyDelayMs: 0 };
    const { life, effects } = advancePod(acceptPod(pod, eager, beginMs), pod, eager, beginMs + 1000);
    expect(effects).to.deep.equal(['start', 'ready']);
    expect(life.ready).to.equal(true);
  });

  it('gets no more load as soon as it is deleted, and stops after its stop delay', () => {
    const begun = after(2000, ready, deleted);
    expect(begun.effects).to.deep.equal(['unready']);
    expect(begun.life).to.include({ stage: 'terminating', ready: true });
    expect(after(2299, begun.life, deleted).effects).to.deep.equal([]);
    const ended = after(2300, begun.life, deleted);
    expect(ended.effects).to.deep.equal(['stop']);
    expect(ended.life).to.include({ stage: 'stopped', ready: false });
    expect(nextInstant(ended.life)).to.equal(undefined);
  });

  it('stops at once when it is deleted before its containers run', () => {
    const { life, effects } = after(10, accepted, deleted);
    expect(life.stage).to.equal('stopped');
    expect(effects).to.deep.equal(['stop']);
  });

  it('is unready while its probe fails and ready again afterwards', () => {
    const failing = after(3000, setProbe(ready, true));
    expect(failing.effects).to.deep.equal(['unready']);
    expect(failing.life).to.include({ ready: false, readyChangedAtMs: beginMs + 3000 });
    expect(nextInstant(failing.life)).to.equal(undefined);
    expect(after(4000, setProbe(failing.life, false)).effects).to.deep.equal(['ready']);
  });

  it('is unready after a restart until the readiness delay has passed again', () => {
    const restarted = restartContainers(ready, undefined, timing, beginMs + 5000);
    expect(restarted.containers['main']).to.deep.include({ startedAtMs: beginMs + 5000, restarts: 1 });
    const unready = after(5000, restarted);
    expect(unready.effects).to.deep.equal(['unready']);
    expect(nextInstant(unready.life)).to.equal(beginMs + 5500);
    expect(after(5500, unready.life).effects).to.deep.equal(['ready']);
  });

  it('restarts only the container that is named', () => {
    expect(restartContainers(ready, 'other', timing, beginMs + 5000).containers).to.deep.equal(ready.containers);
  });

  it('ends when it is finished, and cannot be finished before it runs', () => {
    expect(finishPod(ready, 'Failed', beginMs + 5000)).to.include({ stage: 'finished', ready: false });
    expect(finishPod(accepted, 'Failed', beginMs)).to.equal(accepted);
  });

  it('goes on where the API says it was when the simulation starts anew', () => {
    const status = {
      phase: 'Running',
      startTime: '2025-11-21T13:30:00Z',
      conditions: [{ type: 'Ready', status: 'True', lastTransitionTime: '2025-11-21T13:30:10Z' }],
      containerStatuses: [
        { name: 'main', ready: true, restartCount: 2, state: { running: { startedAt: '2025-11-21T13:30:05Z' } } },
      ],
    };
    const life = acceptPod(apiPod({ status }), timing, beginMs);
    expect(life).to.include({ stage: 'running', ready: true, acceptedAtMs: Date.parse(status.startTime) });
    expect(life.containers['main']).to.deep.equal({ startedAtMs: Date.parse('2025-11-21T13:30:05Z'), restarts: 2 });
    expect(after(0, life)).to.deep.equal({ life, effects: [] });
    expect(acceptPod(apiPod({ status: { phase: 'Failed' } }), timing, beginMs).stage).to.equal('finished');
  });
});

describe('the timing of a pod', () => {
  const check = (title: string, metadata: Partial<ApiPod['metadata']>, expected: Partial<typeof timing>): void => {
    it(title, () => {
      expect(timingOf(apiPod({ metadata }), timing)).to.deep.equal({ ...timing, ...expected });
    });
  };

  check('is the simulation’s', {}, {});
  check(
    'has the start delay it is annotated with',
    { annotations: { [annotations.startDelaySeconds]: '2.5' } },
    { startDelayMs: 2500 },
  );
  check(
    'has the readiness delay it is annotated with',
    { annotations: { [annotations.readyDelaySeconds]: '0' } },
    { readyDelayMs: 0 },
  );
  check('ignores an annotation that is no number', { annotations: { [annotations.readyDelaySeconds]: 'soon' } }, {});
  check('has no longer stop delay than its grace period', { deletionGracePeriodSeconds: 0 }, { stopDelayMs: 0 });
});

describe('the status of a pod', () => {
  it('is Pending with a start time and a waiting container before it runs', () => {
    const status = statusOf(accepted);
    expect(status).to.include({ phase: 'Pending', startTime: '2025-11-21T13:33:20Z' });
    expect(status).to.not.have.property('podIP');
    expect(status.containerStatuses[0]).to.deep.include({ state: { waiting: { reason: 'ContainerCreating' } } });
    expect(conditionOf(status, 'PodScheduled').status).to.equal('True');
    expect(conditionOf(status, 'Ready')).to.include({ status: 'False', reason: 'ContainersNotReady' });
  });

  it('is Running with an address, and not ready, once its containers run', () => {
    const status = statusOf(running);
    expect(status).to.include({ phase: 'Running', podIP: '10.0.0.2' });
    expect(conditionOf(status, 'Ready').status).to.equal('False');
    expect(status.containerStatuses[0]).to.deep.include({
      ready: false,
      state: { running: { startedAt: '2025-11-21T13:33:21Z' } },
    });
  });

  it('is ready with the time of the change, and takes the old reason away', () => {
    const condition = conditionOf(statusOf(ready), 'Ready');
    expect(condition).to.include({ status: 'True', lastTransitionTime: '2025-11-21T13:33:21Z', reason: null });
    expect(statusOf(ready).containerStatuses[0]).to.include({ ready: true, restartCount: 0 });
  });

  it('counts restarts and remembers how the last process ended', () => {
    const [container] = statusOf(restartContainers(ready, undefined, timing, beginMs + 5000)).containerStatuses;
    expect(container).to.include({ restartCount: 1, containerID: 'containerd://uid-1-main-1' });
    expect(container?.['lastState']).to.deep.nested.include({ 'terminated.finishedAt': '2025-11-21T13:33:25Z' });
  });

  it('of a finished pod names its phase and the exit code', () => {
    const status = statusOf(finishPod(ready, 'Failed', beginMs + 5000));
    expect(status.phase).to.equal('Failed');
    expect(status.containerStatuses[0]?.['state']).to.deep.nested.include({ 'terminated.exitCode': 1 });
    expect(conditionOf(status, 'Ready')).to.include({ status: 'False', reason: 'PodFailed' });
  });

  it('keeps the time at which the scheduler bound the pod', () => {
    const conditions = [{ type: 'PodScheduled', status: 'True', lastTransitionTime: '2025-11-21T13:00:00Z' }];
    const pod = apiPod({ status: { phase: 'Pending', conditions } });
    expect(conditionOf(statusOf(accepted, pod), 'PodScheduled').lastTransitionTime).to.equal('2025-11-21T13:00:00Z');
  });
});
