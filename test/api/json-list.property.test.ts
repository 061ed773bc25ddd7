import { expect } from 'chai';
import * as fc from 'fast-check';
import { encodeList, JsonEncoder } from '../../src/api/json-encoder.ts';
import { encodePodList } from '../../src/api/json-list.ts';
import type { PodMetrics } from '../../src/api/metrics-object.ts';
import { PodTexts } from '../../src/api/pod-texts.ts';
import { PodWalk } from '../../src/api/pod-walk.ts';
import type { ListedPod } from '../../src/lib/views.ts';
import type { PodUsage } from '../../src/metrics/types.ts';
import { fillReading, podView } from '../support/metrics-reader-fake.ts';

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
const usage: fc.Arbitrary<PodUsage> = fc.record({
  timestampMs,
  windowNs,
  containers: fc.array(container, { minLength: 1, maxLength: 4 }),
});
const identity = fc.record({ namespace: text, name: text, labels });
const object: fc.Arbitrary<PodMetrics> = fc.record({ kind: fc.constant('PodMetrics' as const), identity, usage });

interface Pod {
  readonly pod: ListedPod;
  readonly usage: PodUsage;
}

/** Pods in the order of the list, with ordinals in another. */
function listed(objects: readonly PodMetrics[]): Pod[] {
  return objects.map((each, index) => ({
    pod: { ...podView(each.identity), ordinal: objects.length - 1 - index },
    usage: each.usage,
  }));
}

function encoded(pods: readonly Pod[], texts: PodTexts, at = nowMs): Generator<Buffer> {
  const usages = new Map(pods.map((each): [object, PodUsage] => [each.pod, each.usage]));
  const walk = new PodWalk({
    // In parts, of which some are empty.
    parts: [[], ...pods.map(({ pod }) => [pod]), []],
    isSelected: () => true,
    reader: { readPodUsage: (pod, into) => fillReading(usages.get(pod), into) },
    onServed: () => undefined,
  });
  return encodePodList({ walk, texts, nowMs: at }, frame);
}

const written = (pods: readonly Pod[], texts: PodTexts, at = nowMs): string =>
  Buffer.concat(Array.from(encoded(pods, texts, at), (chunk) => Buffer.from(chunk))).toString();

function joined(objects: readonly PodMetrics[], at = nowMs): string {
  const encoder = new JsonEncoder(at);
  return Buffer.concat([...encodeList(objects, (each) => encoder.item(each), frame)]).toString();
}

const someObjects = (count: number, seed = 1): PodMetrics[] => {
  const some = fc.sample(object, { numRuns: 20, seed });
  return Array.from({ length: count / 20 }, () => some).flat();
};

describe('encodePodList', () => {
  it('writes the bytes of the texts that JsonEncoder makes of the items, with new texts and with known ones', () => {
    const texts = new PodTexts();
    fc.assert(
      fc.property(fc.array(object, { maxLength: 20 }), (objects) => {
        const pods = listed(objects);
        expect(written(pods, texts)).to.equal(joined(objects));
        expect(written(pods, texts, nowMs + 61_000)).to.equal(joined(objects, nowMs + 61_000));
      }),
    );
  });

  it('writes nothing over a chunk that was handed out', () => {
    const objects = someObjects(4000);
    const chunks: Buffer[] = [];
    const copies: Buffer[] = [];
    for (const chunk of encoded(listed(objects), new PodTexts())) {
      chunks.push(chunk);
      copies.push(Buffer.from(chunk));
    }
    expect(chunks.length).to.be.greaterThan(2);
    expect(Buffer.concat(chunks).equals(Buffer.concat(copies))).to.equal(true);
    expect(Buffer.concat(chunks).toString()).to.equal(joined(objects));
  });

  it('writes each list with its own time when two take turns', () => {
    const texts = new PodTexts();
    const objects = someObjects(4000);
    const pods = listed(objects);
    const lists = [nowMs, nowMs + 5_000].map((at) => ({ at, chunks: encoded(pods, texts, at), text: '' }));
    for (let open = lists; open.length > 0; ) {
      open = open.filter((list) => {
        const next = list.chunks.next();
        if (next.done !== true) list.text += next.value.toString('latin1');
        return next.done !== true;
      });
    }
    for (const { at, text: latin1 } of lists) {
      expect(Buffer.from(latin1, 'latin1').toString()).to.equal(joined(objects, at));
    }
  });
});

describe('PodTexts', () => {
  it('tells pods apart that had one ordinal after each other, while both are listed', () => {
    const texts = new PodTexts();
    const [first, second] = fc.sample(object, { numRuns: 2, seed: 3 }) as [PodMetrics, PodMetrics];
    const [a] = listed([first]);
    const [b] = listed([second]);
    if (a === undefined || b === undefined) throw new Error('BUG: two pods');
    for (let turn = 0; turn < 3; turn++) {
      expect(written([a], texts)).to.equal(joined([first]));
      expect(written([b], texts)).to.equal(joined([second]));
    }
  });

  it('starts anew when half of what it holds is of pods that are gone, and goes on', () => {
    const texts = new PodTexts();
    for (let generation = 0; generation < 12; generation++) {
      const objects = someObjects(2000, generation).map((each) => ({
        ...each,
        identity: { ...each.identity, labels: { long: 'x'.repeat(1_000) } },
      }));
      expect(written(listed(objects), texts)).to.equal(joined(objects));
      expect(texts.heldBytes).to.be.lessThan(8_000_000);
    }
  });

  it('writes texts that are too long to be kept', () => {
    const texts = new PodTexts();
    const [one] = fc.sample(object, { numRuns: 1, seed: 5 }) as [PodMetrics];
    const long = { ...one, identity: { ...one.identity, labels: { long: 'x'.repeat(100_000) } } };
    expect(written(listed([long]), texts)).to.equal(joined([long]));
    expect(texts.heldBytes).to.equal(0);
  });
});
