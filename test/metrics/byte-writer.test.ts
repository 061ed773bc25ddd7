import { expect } from 'chai';
import * as fc from 'fast-check';
import { ByteReader } from '../../src/metrics/byte-reader.ts';
import { ByteWriter } from '../../src/metrics/byte-writer.ts';

const entry = fc.oneof(
  fc.record({ kind: fc.constant('uint32' as const), value: fc.nat(2 ** 32 - 1) }),
  fc.record({ kind: fc.constant('float64' as const), value: fc.double() }),
  fc.record({ kind: fc.constant('bytes' as const), value: fc.uint8Array({ maxLength: 3000 }) }),
  fc.record({ kind: fc.constant('text' as const), value: fc.string({ unit: 'grapheme', maxLength: 600 }) }),
);

function write(out: ByteWriter, { kind, value }: { kind: string; value: unknown }): void {
  if (kind === 'uint32') out.uint32(value as number);
  else if (kind === 'float64') out.float64(value as number);
  else if (kind === 'bytes') out.bytes(value as Uint8Array);
  else out.text(value as string);
}

describe('ByteWriter and ByteReader', () => {
  it('give back what was written, in order, also with a writer that was used before', () => {
    const out = new ByteWriter();
    fc.assert(
      fc.property(fc.array(entry, { maxLength: 20 }), (entries) => {
        out.clear();
        for (const each of entries) write(out, each);
        const from = new ByteReader(out.written);
        for (const { kind, value } of entries) expect(from[kind]()).to.deep.equal(value);
        expect(from.isAtEnd).to.equal(true);
      }),
    );
  });

  it('let a number be put in later', () => {
    const out = new ByteWriter();
    out.uint32(0);
    out.text('x');
    out.patchUint32(0, 7);
    expect(new ByteReader(out.written).uint32()).to.equal(7);
  });

  it('throw at the end, wherever that is', () => {
    const out = new ByteWriter();
    out.text('headroom');
    for (let end = 0; end < out.length; end++) {
      expect(() => new ByteReader(out.written.subarray(0, end)).text(), `${end} bytes`).to.throw(RangeError);
    }
    expect(() => new ByteReader(new Uint8Array(7)).float64()).to.throw(RangeError);
  });
});
