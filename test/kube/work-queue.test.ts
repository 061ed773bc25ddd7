import { expect } from 'chai';
import * as fc from 'fast-check';
import { TimerHeap } from '../../src/kube/timer-heap.ts';
import { type Work, WorkQueue } from '../../src/kube/work-queue.ts';
import { HeadroomError } from '../../src/lib/errors.ts';
import { FakeClock } from '../support/fake-clock.ts';
import { RecordingLogger } from '../support/recording-logger.ts';

describe('WorkQueue', () => {
  let clock: FakeClock;
  let logger: RecordingLogger;
  let queue: WorkQueue;
  let stop: AbortController;
  let running: Promise<void>;
  let done: string[];
  let startedAtMs: number;

  beforeEach(() => {
    clock = new FakeClock();
    logger = new RecordingLogger();
    queue = new WorkQueue({ name: 'test', clock, logger });
    stop = new AbortController();
    running = Promise.resolve();
    done = [];
    startedAtMs = clock.now();
  });

  afterEach(async () => {
    stop.abort();
    await running;
  });

  const record: Work = async (key) => {
    done.push(`${key}@${clock.now() - startedAtMs}`);
    return { next: 'done' };
  };

  async function start(work: Work = record, workers = 1): Promise<void> {
    running = queue.run(workers, work, stop.signal);
    await clock.advance(0);
  }

  it('processes a key once, however often it was added', async () => {
    queue.add('a');
    queue.add('a');
    queue.add('b');
    await start();
    expect(done).to.deep.equal(['a@0', 'b@0']);
  });

  it('processes a key after its delay', async () => {
    await start();
    queue.addAfter('a', 15_000);
    await clock.advance(14_999);
    expect(done).to.deep.equal([]);
    await clock.advance(1);
    expect(done).to.deep.equal(['a@15000']);
  });

  it('keeps the earliest of several delays', async () => {
    await start();
    queue.addAfter('a', 10_000);
    queue.addAfter('a', 20_000);
    queue.addAfter('b', 20_000);
    queue.addAfter('b', 10_000);
    await clock.advance(60_000);
    expect(done).to.deep.equal(['a@10000', 'b@10000']);
  });

  it('processes a key that waits at once when it is added, and not again at its time', async () => {
    await start();
    queue.addAfter('a', 10_000);
    await clock.advance(1_000);
    queue.add('a');
    await clock.advance(60_000);
    expect(done).to.deep.equal(['a@1000']);
  });

  it('processes a key again that was added while it was processed, but never twice at once', async () => {
    let atOnce = 0;
    await start(async (key) => {
      atOnce += 1;
      expect(atOnce).to.equal(1);
      done.push(`${key}@${clock.now() - startedAtMs}`);
      await clock.sleep(1_000);
      atOnce -= 1;
      return { next: 'done' };
    }, 3);
    queue.add('a');
    await clock.advance(500);
    queue.add('a');
    queue.add('a');
    await clock.advance(10_000);
    expect(done).to.deep.equal(['a@0', 'a@1000']);
  });

  it('works on as many keys at once as there are workers', async () => {
    let atOnce = 0;
    let most = 0;
    for (const key of ['a', 'b', 'c', 'd', 'e']) queue.add(key);
    await start(async () => {
      atOnce += 1;
      most = Math.max(most, atOnce);
      await clock.sleep(1_000);
      atOnce -= 1;
      return { next: 'done' };
    }, 2);
    await clock.advance(10_000);
    expect(most).to.equal(2);
    expect(queue.depth).to.equal(0);
  });

  it('requeues when the work asks for it', async () => {
    queue.add('a');
    await start(async (key, signal) => {
      await record(key, signal);
      return { next: 'requeue', afterMs: 15_000 };
    });
    await clock.advance(30_000);
    expect(done).to.deep.equal(['a@0', 'a@15000', 'a@30000']);
  });

  it('tries again, later each time, when the work throws; starts over after a success', async () => {
    let failing = true;
    queue.add('a');
    await start(async (key, signal) => {
      await record(key, signal);
      if (failing) throw new Error('no');
      return { next: 'done' };
    });
    await clock.advance(3_000);
    failing = false;
    await clock.advance(60_000);
    failing = true;
    queue.add('a');
    await clock.advance(1_000);
    expect(done).to.deep.equal(['a@0', 'a@1000', 'a@3000', 'a@7000', 'a@63000', 'a@64000']);
    expect(logger.lines.filter(({ level }) => level === 'error')).to.have.length(5);
  });

  it('does not try again what cannot succeed', async () => {
    queue.add('a');
    await start(async (key, signal) => {
      await record(key, signal);
      throw new HeadroomError('OBJECT_INVALID', 'never', { retryable: false });
    });
    await clock.advance(600_000);
    expect(done).to.deep.equal(['a@0']);
  });

  it('forgets a key on request', async () => {
    queue.add('a');
    queue.addAfter('b', 1_000);
    queue.forget('a');
    queue.forget('b');
    await start();
    await clock.advance(10_000);
    expect(done).to.deep.equal([]);
  });

  it('lets work under way finish when it stops, and starts none', async () => {
    queue.add('a');
    queue.add('b');
    await start(async (key) => {
      await clock.sleep(1_000);
      done.push(key);
      return { next: 'requeue', afterMs: 1 };
    });
    let ended = false;
    void (async () => {
      await running;
      ended = true;
    })();
    stop.abort();
    await clock.advance(0);
    expect(ended).to.equal(false);
    await clock.advance(1_000);
    expect([ended, done]).to.deep.equal([true, ['a']]);
  });

  it('forgets times that no longer count, however often a key is put off and brought forward', async () => {
    await start();
    for (let round = 0; round < 1_000; round++) {
      queue.addAfter('a', 3_600_000);
      queue.add('a');
      await clock.advance(1);
    }
    queue.addAfter('b', 5_000);
    await clock.advance(7_200_000);
    expect(done).to.have.length(1_001);
    expect(done.at(-1)).to.equal('b@6000');
  });
});

describe('TimerHeap', () => {
  it('gives timers back in the order of their times', () => {
    fc.assert(
      fc.property(fc.array(fc.nat()), (times) => {
        const heap = new TimerHeap<{ key: string; dueAtMs: number }>();
        for (const dueAtMs of times) heap.push({ key: 'x', dueAtMs });
        const found: number[] = [];
        for (let timer = heap.pop(); timer !== undefined; timer = heap.pop()) found.push(timer.dueAtMs);
        expect(found).to.deep.equal(times.toSorted((a, b) => a - b));
      }),
    );
  });

  it('gives those that are due together back in the order that they ask for', () => {
    fc.assert(
      fc.property(fc.array(fc.nat({ max: 3 })), (times) => {
        const heap = new TimerHeap<{ dueAtMs: number; order: number }>();
        for (const [order, dueAtMs] of times.entries()) heap.push({ dueAtMs, order });
        const found: number[] = [];
        for (let timer = heap.pop(); timer !== undefined; timer = heap.pop()) found.push(timer.order);
        expect(found).to.deep.equal([...times.keys()].toSorted((a, b) => (times[a] ?? 0) - (times[b] ?? 0) || a - b));
      }),
    );
  });
});
