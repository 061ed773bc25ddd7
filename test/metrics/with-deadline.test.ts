// A deadline that is gone with its task.
import { expect } from 'chai';
import { DeadlineExceeded, systemClock } from '../../src/lib/clock.ts';
import { withDeadline } from '../../src/metrics/with-deadline.ts';
import { FakeClock } from '../support/fake-clock.ts';

const never = new AbortController().signal;
const reasonOf = (signal: AbortSignal): Promise<unknown> =>
  new Promise((resolve) => {
    if (signal.aborted) resolve(signal.reason);
    else signal.addEventListener('abort', () => resolve(signal.reason));
  });

describe('withDeadline', () => {
  it('settles as the task does', async () => {
    const clock = new FakeClock();
    expect(await withDeadline(clock, 1000, never, () => Promise.resolve(5))).to.equal(5);
    const failure = new Error('no');
    const outcome = await withDeadline(clock, 1000, never, () => Promise.reject(failure)).catch(
      (error: unknown) => error,
    );
    expect(outcome).to.equal(failure);
  });

  it('aborts the task when time is up, and not before', async () => {
    const clock = new FakeClock();
    const task = withDeadline(clock, 1000, never, reasonOf);
    let reason: unknown;
    const watch = async (): Promise<void> => {
      reason = await task;
    };
    void watch();
    await clock.advance(999);
    expect(reason).to.equal(undefined);
    await clock.advance(1);
    expect(reason).to.be.instanceOf(DeadlineExceeded);
  });

  it('passes on the reason of the outer signal, also when that aborted before', async () => {
    const outer = new AbortController();
    const task = withDeadline(new FakeClock(), 1000, outer.signal, reasonOf);
    outer.abort('leaving');
    expect(await task).to.equal('leaving');
    expect(await withDeadline(new FakeClock(), 1000, outer.signal, reasonOf)).to.equal('leaving');
  });

  it('leaves no signal that aborts later', async () => {
    let signal = never;
    await withDeadline(systemClock, 5, never, (given) => {
      signal = given;
      return Promise.resolve();
    });
    await new Promise((resolve) => setTimeout(resolve, 20));
    expect(signal.aborted).to.equal(false);
  });
});
