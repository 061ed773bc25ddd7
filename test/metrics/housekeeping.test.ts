// node-cron runs the tick; what the tick does is tested without it.
import { expect } from 'chai';
import { everySecond } from '../../src/metrics/housekeeping.ts';
import { until } from '../support/until.ts';

describe('everySecond', () => {
  it('runs the task until it is ended', async () => {
    let runs = 0;
    const end = everySecond(() => runs++);
    await until(() => runs > 0);
    end();
    const runsAtEnd = runs;
    await new Promise((resolve) => setTimeout(resolve, 1200));
    expect(runs).to.equal(runsAtEnd);
  });
});
