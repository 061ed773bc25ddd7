import { expect } from 'chai';
import { Histogram, Registry } from 'prom-client';
import { FrequentHistogram } from '../../src/metrics/frequent-histogram.ts';

const configuration = { name: 'age_seconds', help: 'Ages.', buckets: [1, 1.5, 10] };

async function exposed(values: readonly number[]): Promise<readonly [ours: string, theirs: string]> {
  const [ours, theirs] = [new Registry(), new Registry()];
  const frequent = new FrequentHistogram({ ...configuration, registers: [ours] });
  const plain = new Histogram({ ...configuration, registers: [theirs] });
  for (const value of values) {
    frequent.record(value);
    plain.observe(value);
  }
  return [await ours.metrics(), await theirs.metrics()];
}

describe('FrequentHistogram', () => {
  const cases: Readonly<Record<string, readonly number[]>> = {
    'nothing yet': [],
    'values on the bounds': [1, 1.5, 10],
    'values that go up and down': [12, 0, 1.5, 11, 1, 1.2, 1, 10.5, 10, 1.01],
    'values between, below and beyond them': [0, 0.2, 1.2, 1.6, 9.99, 10.01, 1e9, -3],
  };
  for (const [what, values] of Object.entries(cases)) {
    it(`exposes what prom-client's exposes: ${what}`, async () => {
      const [ours, theirs] = await exposed(values);
      expect(ours).to.equal(theirs);
      expect(ours).to.contain(`age_seconds_count ${values.length}`);
    });
  }
});
