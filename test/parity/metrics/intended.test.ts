import { readFileSync } from 'node:fs';
import { expect } from 'chai';
import { intendedBy, intendedRows } from './intended.ts';
import { firstOddStep } from './model.ts';
import { exactKinds, oddKinds } from './node-kinds.ts';
import { oddShapes } from './odd-shapes.ts';
import type { Comparison } from './report.ts';

const page = readFileSync(new URL('../../../docs/parity.md', import.meta.url), 'utf8');

const absent = { status: 404, body: '{"message":"podmetrics.metrics.k8s.io \\"a/b\\" not found"}' };
const served = { status: 200, body: '{"timestamp":"2026-11-21T11:00:56Z","window":"12s","containers":[{"name":"a"}]}' };
const comparison = (part: Partial<Comparison>): Comparison => ({
  step: firstOddStep,
  group: 'items',
  credential: 'somebody',
  question: 'GET P/namespaces/a/pods/b',
  headers: {},
  a: absent,
  b: served,
  differences: [{ field: 'status', a: '404', b: '200' }],
  ...part,
});

describe('A difference between the Metrics APIs that is intended', () => {
  it('names a row of docs/parity.md', () => {
    expect(intendedRows.filter((row) => !page.includes(`\n| ${row} | `))).to.deep.equal([]);
  });

  it('is about one example and what both sides say of it', () => {
    const example = 'a sidecar that never used CPU';
    expect(intendedBy(comparison({ example }))?.row).to.equal('S13');
    for (const other of [
      comparison({ example: 'one container' }),
      comparison({ example, step: firstOddStep - 1 }),
      comparison({ example, a: served, b: absent }),
      comparison({ example, b: { status: 500, body: '' } }),
    ]) {
      expect(intendedBy(other), JSON.stringify(other)).to.equal(undefined);
    }
  });

  it('exists for every odd shape of a pod and kind of a node', () => {
    const examples = [...Object.keys(oddShapes), ...Object.keys(oddKinds)];
    const shown = examples.filter((example) =>
      [
        absent,
        served,
        { status: 200, body: '{"timestamp":null}' },
        { status: 200, body: '{"cpu":"12345678901234567n"}' },
      ].some((a) => [absent, served].some((b) => intendedBy(comparison({ example, a, b })) !== undefined)),
    );
    expect(shown).to.deep.equal(examples);
  });

  it('exists for no other kind of a node', () => {
    const found = Object.keys(exactKinds).filter((example) => intendedBy(comparison({ example })) !== undefined);
    expect(found).to.deep.equal([]);
  });
});
