// node-cron runs the tick; what the tick does is tested without it.
import { expect } from 'chai';
import { systemClock } from '../../src/lib/clock.ts';
import { silentLogger } from '../../src/lib/logger.ts';
import { everySecond } from '../../src/metrics/housekeeping.ts';
import { FakeClock } from '../support/fake-clock.ts';
import { RecordingLogger } from '../support/recording-logger.ts';
import { setClock } from '../support/set-clock.ts';
import { until } from '../support/until.ts';

describe('everySecond', () => {
  it('runs the task until it is ended', async () => {
    let runs = 0;
    const end = everySecond(() => runs++, { clock: systemClock, logger: silentLogger });
    await until(() => runs > 0);
    end();
    const runsAtEnd = runs;
    await new Promise((resolve) => setTimeout(resolve, 1200));
    expect(runs).to.equal(runsAtEnd);
  });

  it('goes on after the task threw, and says so', async () => {
    const logger = new RecordingLogger();
    let runs = 0;
    const end = everySecond(
      () => {
        runs++;
        throw new Error('broken task');
      },
      { clock: systemClock, logger },
    );
    await until(() => runs > 1);
    end();
    const [line] = logger.lines.filter(({ level }) => level === 'error');
    expect(String(line?.fields['message'])).to.include('broken task');
  });

  describe('when the clock is set', () => {
    let putRight = (): void => undefined;

    afterEach(() => putRight());

    /** The longest time, in milliseconds, for which nothing else could run while so much real time passed. */
    async function longestPauseWithin(ms: number): Promise<number> {
      const fromMs = performance.now();
      let lastMs = fromMs;
      let longestMs = 0;
      while (lastMs - fromMs < ms) {
        await new Promise((resolve) => setTimeout(resolve, 5));
        const nowMs = performance.now();
        longestMs = Math.max(longestMs, nowMs - lastMs);
        lastMs = nowMs;
      }
      return longestMs;
    }

    const check = (title: string, byMs: number): void => {
      it(`${title}, nobody waits for the seconds that were missed, and it begins anew`, async () => {
        const logger = new RecordingLogger();
        const waits = new FakeClock();
        const clock = { ...systemClock, sleep: waits.sleep.bind(waits) };
        let runs = 0;
        const end = everySecond(() => runs++, { clock, logger });
        await until(() => runs > 0);
        putRight = setClock(byMs);
        // The next second comes within one; visiting those of a night takes seconds.
        expect(await longestPauseWithin(1_200)).to.be.below(1_000);
        const runsBefore = runs;
        await waits.advance(10_000); // in no real time
        expect(logger.lines.map(({ level, message }) => `${level} ${message}`)).to.deep.equal([
          'warn housekeeping stood still and begins anew; was the clock set?',
        ]);
        await until(() => runs > runsBefore + 1);
        end();
      });
    };
    check('forward by a night', 8 * 3_600_000);
    check('back by a night', -8 * 3_600_000);
  });

  it('goes on from minute to minute', async function () {
    this.timeout(20_000);
    const toNextMinuteMs = 60_000 - (Date.now() % 60_000);
    const putRight = setClock(toNextMinuteMs - 2_500);
    let runs = 0;
    const end = everySecond(() => runs++, { clock: { ...systemClock, now: () => Date.now() }, logger: silentLogger });
    await until(() => runs >= 5, 10_000);
    end();
    putRight();
  });

  it('runs nothing any more once it was ended after it began anew', async () => {
    const logger = new RecordingLogger();
    const waits = new FakeClock();
    let runs = 0;
    const end = everySecond(() => runs++, { clock: { ...systemClock, sleep: waits.sleep.bind(waits) }, logger });
    await waits.advance(5_000); // in no real time
    expect(logger.lines.map(({ level }) => level)).to.include('warn');
    await until(() => runs > 0);
    end();
    const runsAtEnd = runs;
    await new Promise((resolve) => setTimeout(resolve, 1200));
    expect(runs).to.equal(runsAtEnd);
  });
});
