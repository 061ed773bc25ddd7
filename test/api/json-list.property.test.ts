import { expect } from 'chai';
import * as fc from 'fast-check';
import { encodeList, JsonEncoder } from '../../src/api/json-encoder.ts';
import { encodeJsonList } from '../../src/api/json-list.ts';
import type { MetricsObject } from '../../src/api/metrics-object.ts';

const nowMs = Date.parse('2026-11-21T11:00:00Z');
const frame = { prefix: '{"items":[', suffix: ']}\n' };

const amount = fc.oneof(
  fc.nat(),
  fc.maxSafeNat(),
  fc.nat(5000).map((pages) => pages * 4096),
  fc.nat(5000).map((milli) => milli * 1e6),
  fc.constantFrom(0, 1000, 1024, 999_999_999, 1e9, 2 ** 31 - 1, 2 ** 31, 2 ** 53, 2 ** 63, 2 ** 64),
);
const windowNs = fc.oneof(
  fc.integer({ min: 1, max: 90_000 }).map((ms) => ms * 1e6),
  fc.integer({ min: 1, max: 2 ** 50 }),
);
const text = fc.oneof(fc.stringMatching(/^[a-z0-9-]{0,20}$/), fc.string({ unit: 'binary' }), fc.string());
const timestampMs = fc.integer({ min: nowMs - 100_000, max: nowMs });
const labels = fc.dictionary(text, text, { maxKeys: 3 });
const container = fc.record({ name: text, cpuNanoCores: amount, memoryBytes: amount });
const object: fc.Arbitrary<MetricsObject> = fc.oneof(
  fc.record({
    kind: fc.constant('NodeMetrics' as const),
    identity: fc.record({ name: text, labels }),
    usage: fc.record({ timestampMs, windowNs, cpuNanoCores: amount, memoryBytes: amount }),
  }),
  fc.record({
    kind: fc.constant('PodMetrics' as const),
    identity: fc.record({ namespace: text, name: text, labels }),
    usage: fc.record({ timestampMs, windowNs, containers: fc.array(container, { minLength: 1, maxLength: 4 }) }),
  }),
);

const written = (objects: readonly MetricsObject[]): Buffer =>
  Buffer.concat([...encodeJsonList(objects, new JsonEncoder(nowMs), frame)]);

const joined = (objects: readonly MetricsObject[]): Buffer => {
  const encoder = new JsonEncoder(nowMs);
  return Buffer.concat([...encodeList(objects, (each) => encoder.item(each), frame)]);
};

describe('encodeJsonList', () => {
  it('writes the bytes of the texts that JsonEncoder makes of the items', () => {
    fc.assert(
      fc.property(fc.array(object, { maxLength: 20 }), (objects) => {
        expect(written(objects).toString()).to.equal(joined(objects).toString());
      }),
    );
  });

  it('writes nothing over a chunk that was handed out', () => {
    const some = fc.sample(object, { numRuns: 20, seed: 1 });
    const objects = Array.from({ length: 200 }, () => some).flat();
    const chunks: Buffer[] = [];
    const copies: Buffer[] = [];
    for (const chunk of encodeJsonList(objects, new JsonEncoder(nowMs), frame)) {
      chunks.push(chunk);
      copies.push(Buffer.from(chunk));
    }
    expect(chunks.length).to.be.greaterThan(2);
    expect(Buffer.concat(chunks).equals(Buffer.concat(copies))).to.equal(true);
    expect(Buffer.concat(chunks).equals(joined(objects))).to.equal(true);
  });
});
