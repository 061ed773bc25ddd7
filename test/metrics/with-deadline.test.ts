// A deadline that is gone with its task.
import { expect } from 'chai';
import { DeadlineExceeded } from '../../src/lib/clock.ts';
import { Alarms } from '../../src/metrics/alarms.ts';
import { Cancellation } from '../../src/metrics/cancellation.ts';
import { withDeadline } from '../../src/metrics/with-deadline.ts';
import { FakeClock } from '../support/fake-clock.ts';

const never = new AbortController().signal;
const reasonOf = (cancellation: Cancellation): Promise<unknown> =>
  new Promise((resolve) => cancellation.onCancelled(() => resolve(cancellation.reason)));

describe('withDeadline', () => {
  it('settles as the task does', async () => {
    const alarms = new Alarms(new FakeClock());
    expect(await withDeadline(alarms, 1000, never, () => Promise.resolve(5))).to.equal(5);
    const failure = new Error('no');
    const outcome = await withDeadline(alarms, 1000, never, () => Promise.reject(failure)).catch(
      (error: unknown) => error,
    );
    expect(outcome).to.equal(failure);
  });

  it('aborts the task when time is up, and not before', async () => {
    const clock = new FakeClock();
    const task = withDeadline(new Alarms(clock), 1000, never, reasonOf);
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
    const task = withDeadline(new Alarms(new FakeClock()), 1000, outer.signal, reasonOf);
    outer.abort('leaving');
    expect(await task).to.equal('leaving');
    expect(await withDeadline(new Alarms(new FakeClock()), 1000, outer.signal, reasonOf)).to.equal('leaving');
  });

  it('leaves nothing behind when the task has ended', async () => {
    const clock = new FakeClock();
    let cancellation = new Cancellation();
    await withDeadline(new Alarms(clock), 5, never, (given) => {
      cancellation = given;
      return Promise.resolve();
    });
    await clock.advance(20);
    expect(cancellation.isCancelled).to.equal(false);
    expect(clock.waiting).to.equal(0);
  });
});
