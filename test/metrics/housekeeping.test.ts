// node-cron runs the tick; what the tick does is tested without it.
import { expect } from 'chai';
import { systemClock } from '../../src/lib/clock.ts';
import { silentLogger } from '../../src/lib/logger.ts';
import { everySecond } from '../../src/metrics/housekeeping.ts';
import { FakeClock } from '../support/fake-clock.ts';
import { RecordingLogger } from '../support/recording-logger.ts';
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

  it('begins anew when nothing runs any more, as after the clock was set back', async () => {
    const logger = new RecordingLogger();
    const clock = new FakeClock();
    let runs = 0;
    const end = everySecond(() => runs++, { clock, logger });
    await clock.advance(5_000); // in no real time
    expect(logger.lines.map(({ level }) => level)).to.include('warn');
    await until(() => runs > 0);
    end();
    const runsAtEnd = runs;
    await new Promise((resolve) => setTimeout(resolve, 1200));
    expect(runs).to.equal(runsAtEnd);
  });
});
