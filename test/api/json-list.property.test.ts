import { expect } from 'chai';
import * as fc from 'fast-check';
import { ChunkBuffers } from '../../src/api/chunk-buffers.ts';
import { encodeList, JsonEncoder } from '../../src/api/json-encoder.ts';
import { PodListEncoder } from '../../src/api/json-list.ts';
import type { PodMetrics } from '../../src/api/metrics-object.ts';
import { PodTexts } from '../../src/api/pod-texts.ts';
import { PodWalk } from '../../src/api/pod-walk.ts';
import { TextWriter } from '../../src/api/text-writer.ts';
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
    pod: { ...podView(each.identity), ordinal: objects.length - 1 - index, isOutdated: false },
    usage: each.usage,
  }));
}

function encoded(pods: readonly Pod[], lists: PodListEncoder, at = nowMs): Generator<Buffer> {
  const usages = new Map(pods.map((each): [object, PodUsage] => [each.pod, each.usage]));
  const walk = new PodWalk({
    // In parts, of which some are empty.
    parts: [[], ...pods.map(({ pod }) => [pod]), []],
    isSelected: () => true,
    reader: { readPodUsage: (pod, into) => fillReading(usages.get(pod), into) },
    onServed: () => undefined,
  });
  return lists.encode(walk, at, frame);
}

function written(pods: readonly Pod[], lists: PodListEncoder, at = nowMs): string {
  const copies = Array.from(encoded(pods, lists, at), (chunk) => {
    const copy = Buffer.from(chunk);
    lists.recycle(chunk);
    return copy;
  });
  return Buffer.concat(copies).toString();
}

function joined(objects: readonly PodMetrics[], at = nowMs): string {
  const encoder = new JsonEncoder(at);
  return Buffer.concat([...encodeList(objects, (each) => encoder.item(each), frame)]).toString();
}

const someObjects = (count: number, seed = 1): PodMetrics[] => {
  const some = fc.sample(object, { numRuns: 20, seed });
  return Array.from({ length: count / 20 }, () => some).flat();
};

describe('PodListEncoder', () => {
  it('writes the bytes of the texts that JsonEncoder makes of the items, with new texts and with known ones', () => {
    const lists = new PodListEncoder();
    fc.assert(
      fc.property(fc.array(object, { maxLength: 20 }), (objects) => {
        const pods = listed(objects);
        expect(written(pods, lists)).to.equal(joined(objects));
        expect(written(pods, lists, nowMs + 61_000)).to.equal(joined(objects, nowMs + 61_000));
      }),
    );
  });

  it('writes nothing over a chunk that was handed out and not given back', () => {
    const objects = someObjects(4000);
    const chunks: Buffer[] = [];
    const copies: Buffer[] = [];
    for (const chunk of encoded(listed(objects), new PodListEncoder())) {
      chunks.push(chunk);
      copies.push(Buffer.from(chunk));
    }
    expect(chunks.length).to.be.greaterThan(2);
    expect(Buffer.concat(chunks).equals(Buffer.concat(copies))).to.equal(true);
    expect(Buffer.concat(chunks).toString()).to.equal(joined(objects));
  });

  it('needs no more memory for a long list than for a chunk, when chunks are given back', () => {
    const lists = new PodListEncoder();
    const memory = new Set<ArrayBufferLike>();
    let chunks = 0;
    for (const chunk of encoded(listed(someObjects(10_000)), lists)) {
      chunks += 1;
      memory.add(chunk.buffer);
      lists.recycle(chunk);
    }
    expect(chunks).to.be.greaterThan(8);
    // Two in turn, and what the first and the last one are written to.
    expect(memory.size).to.be.lessThan(5);
  });

  it('writes each list with its own time when two take turns', () => {
    const encoder = new PodListEncoder();
    const objects = someObjects(4000);
    const pods = listed(objects);
    const lists = [nowMs, nowMs + 5_000].map((at) => ({ at, chunks: encoded(pods, encoder, at), text: '' }));
    for (let open = lists; open.length > 0; ) {
      open = open.filter((list) => {
        const next = list.chunks.next();
        if (next.done === true) return false;
        list.text += next.value.toString('latin1');
        encoder.recycle(next.value);
        return true;
      });
    }
    for (const { at, text: latin1 } of lists) {
      expect(Buffer.from(latin1, 'latin1').toString()).to.equal(joined(objects, at));
    }
  });
});

describe('PodTexts', () => {
  it('tells pods apart that had one ordinal after each other, while both are listed', () => {
    const lists = new PodListEncoder();
    const [first, second] = fc.sample(object, { numRuns: 2, seed: 3 }) as [PodMetrics, PodMetrics];
    const [a] = listed([first]);
    const [b] = listed([second]);
    if (a === undefined || b === undefined) throw new Error('BUG: two pods');
    for (let turn = 0; turn < 3; turn++) {
      expect(written([a], lists)).to.equal(joined([first]));
      expect(written([b], lists)).to.equal(joined([second]));
    }
  });

  it('starts anew when half of what it holds is of pods that are gone, and goes on', () => {
    const texts = new PodTexts();
    const lists = new PodListEncoder(texts);
    for (let generation = 0; generation < 12; generation++) {
      const objects = someObjects(2000, generation).map((each) => ({
        ...each,
        identity: { ...each.identity, labels: { long: 'x'.repeat(1_000) } },
      }));
      expect(written(listed(objects), lists)).to.equal(joined(objects));
      expect(texts.heldBytes).to.be.lessThan(8_000_000);
    }
  });

  it('keeps no copy of the long labels that the pods of a template share', () => {
    const shared = Object.fromEntries(Array.from({ length: 100 }, (_, index) => [`label-${index}`, 'x'.repeat(60)]));
    const texts = new PodTexts();
    const writer = new TextWriter(new ChunkBuffers());
    for (let ordinal = 0; ordinal < 1_000; ordinal++) {
      const pod = { ...podView({ name: `web-${ordinal}`, labels: shared }), ordinal, isOutdated: false };
      texts.put(pod, Buffer.alloc(20, '.'), writer);
    }
    expect(writer.take().length).to.be.greaterThan(7_000_000);
    expect(texts.heldBytes).to.equal(0);
  });

  it('writes texts that are too long to be kept', () => {
    const texts = new PodTexts();
    const [one] = fc.sample(object, { numRuns: 1, seed: 5 }) as [PodMetrics];
    const long = { ...one, identity: { ...one.identity, labels: { long: 'x'.repeat(100_000) } } };
    expect(written(listed([long]), new PodListEncoder(texts))).to.equal(joined([long]));
    expect(texts.heldBytes).to.equal(0);
  });
});
