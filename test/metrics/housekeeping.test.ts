// node-cron runs the tick; what the tick does is tested without it.
import { expect } from 'chai';
import { silentLogger } from '../../src/lib/logger.ts';
import { everySecond } from '../../src/metrics/housekeeping.ts';
import { RecordingLogger } from '../support/recording-logger.ts';
import { until } from '../support/until.ts';

describe('everySecond', () => {
  it('runs the task until it is ended', async () => {
    let runs = 0;
    const end = everySecond(() => runs++, silentLogger);
    await until(() => runs > 0);
    end();
    const runsAtEnd = runs;
    await new Promise((resolve) => setTimeout(resolve, 1200));
    expect(runs).to.equal(runsAtEnd);
  });

  it('goes on after the task threw, and says so', async () => {
    const logger = new RecordingLogger();
    let runs = 0;
    const end = everySecond(() => {
      runs++;
      throw new Error('broken task');
    }, logger);
    await until(() => runs > 1);
    end();
    const [line] = logger.lines.filter(({ level }) => level === 'error');
    expect(String(line?.fields['message'])).to.include('broken task');
  });
});
