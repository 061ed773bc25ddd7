// Quantities against what a real API server said of them; test/parity/quantities asked.
import { expect } from 'chai';
import { JsonNode } from '../../src/crd/json-node.ts';
import {
  formatBinaryMilli,
  formatDecimalMilli,
  parseQuantityMilli,
  parseQuantityNumber,
} from '../../src/lib/quantity.ts';
import { outcome, readVectors } from './vectors.ts';

/** See Row in test/parity/quantities/record.ts. */
interface Row {
  readonly text: string;
  readonly refused?: string;
  readonly served?: string;
  readonly isPositive?: boolean;
  readonly isNegative?: true;
  readonly request?: string;
  readonly double?: string;
}

const rows = readVectors<Row>('api-server-quantities');
const admitted = rows.filter(({ refused }) => refused === undefined);

/** What the API server hands out, and so what a controller reads. */
function servedMilli({ served, text }: Row): bigint {
  return parseQuantityMilli(served ?? text);
}

/** Beyond these, upstream's milli-values wrap (docs/decision-math.md, Numbers), while the API server computes on. */
function isInRange({ served, text }: Row): boolean {
  const amount = parseQuantityNumber(served ?? text);
  return amount > -(2 ** 63) / 1e9 && amount < 2 ** 62 / 1e3;
}

const inRange = admitted.filter(isInRange);

describe(`of ${rows.length} texts, a real API server`, () => {
  it('refuses those that we refuse, with the same words', () => {
    const refused = rows.filter(({ refused }) => refused !== undefined);
    expect(refused).to.have.length.above(100);
    for (const { text, refused: message = '' } of refused) {
      // Before the first colon stands what the API server was reading.
      expect(
        outcome(() => parseQuantityMilli(text)),
        text,
      ).to.deep.equal({ error: message.slice(message.indexOf(': ') + 2) });
    }
  });

  it('admits those that we admit, with space around them too', () => {
    expect(admitted).to.have.length.above(1000);
    for (const row of admitted) {
      expect(new JsonNode(row.text).optionalQuantity(parseQuantityMilli), row.text).to.be.a('bigint');
      expect(servedMilli(row), row.served).to.be.a('bigint');
    }
  });

  it('finds those positive and negative that have such milli-units', () => {
    for (const row of inRange) {
      const milli = servedMilli(row);
      const sign = { isPositive: milli > 0n, isNegative: milli < 0n };
      expect(sign, row.text).to.deep.equal({ isPositive: row.isPositive, isNegative: row.isNegative ?? false });
    }
  });

  it('rounds requests up to the milli-units that we read', () => {
    for (const row of inRange) {
      if (row.request !== undefined) expect(parseQuantityMilli(row.request), row.text).to.equal(servedMilli(row));
    }
  });

  it('writes twice of each as we write it', () => {
    const written = inRange.filter(({ text, double }) => double !== undefined && !/[eE][-+]?\d/.test(text));
    expect(written).to.have.length.above(300);
    for (const row of written) {
      const format = row.text.trim().endsWith('i') ? formatBinaryMilli : formatDecimalMilli;
      expect(format(2n * servedMilli(row)), row.text).to.equal(row.double);
    }
  });

  it('means by twice of each what we read of it', () => {
    for (const row of inRange) {
      if (row.double !== undefined) expect(parseQuantityMilli(row.double), row.text).to.equal(2n * servedMilli(row));
    }
  });
});
