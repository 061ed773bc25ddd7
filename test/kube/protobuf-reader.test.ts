import { expect } from 'chai';
import * as fc from 'fast-check';
import { ProtobufError, ProtobufReader } from '../../src/kube/protobuf-reader.ts';
import { field, integer, message, tag, varint } from '../support/protobuf-wire.ts';

function first(bytes: Buffer): ProtobufReader {
  const reader = new ProtobufReader(bytes);
  expect(reader.next()).to.equal(true);
  return reader;
}

describe('ProtobufReader', () => {
  it('reads numbers of either sign, exactly up to 2^53', () => {
    fc.assert(
      fc.property(fc.maxSafeInteger(), (value) => {
        expect(first(integer(1, value)).integer()).to.equal(value);
      }),
    );
  });

  it('reads the ends of 64 bits without failing', () => {
    expect(first(integer(1, 2n ** 63n - 1n)).integer()).to.equal(2 ** 63);
    expect(first(integer(1, -(2n ** 63n))).integer()).to.equal(-(2 ** 63));
  });

  it('reads texts in UTF-8, and compares texts of ASCII', () => {
    expect(first(field(1, 'grün')).text()).to.equal('grün');
    expect(first(field(1, 'Ready')).isText('Ready')).to.equal(true);
    expect(first(field(1, 'Reads')).isText('Ready')).to.equal(false);
    expect(first(field(1, 'Read')).isText('Ready')).to.equal(false);
  });

  it('gives the numbers of fields, also of far ones, and skips whatever is in them', () => {
    const bytes = message(
      integer(1, 300),
      message(tag(2, 1), Buffer.alloc(8, 0xff)),
      field(3, 'x'.repeat(200)),
      message(tag(4, 5), Buffer.alloc(4, 0xff)),
      integer(2 ** 29 - 1, 1),
      field(16, 'the end'),
    );
    const reader = new ProtobufReader(bytes);
    const seen: number[] = [];
    while (reader.next()) {
      seen.push(reader.field);
      if (reader.field === 16) expect(reader.text()).to.equal('the end');
      else reader.skip();
    }
    expect(seen).to.deep.equal([1, 2, 3, 4, 2 ** 29 - 1, 16]);
  });

  it('reads messages in messages, and a message again', () => {
    const outer = first(field(1, message(field(1, 'in'), integer(2, 5))));
    const inner = outer.message();
    expect(outer.next()).to.equal(false);
    inner.next();
    expect(inner.text()).to.equal('in');
    const again = inner.again();
    again.next();
    expect(again.text()).to.equal('in');
  });

  it('goes on behind a message in which something is wrong', () => {
    const reader = first(message(field(1, Buffer.from([0xff])), field(2, 'next')));
    const broken = reader.message();
    expect(() => broken.next()).to.throw(ProtobufError);
    expect([reader.next(), reader.text()]).to.deep.equal([true, 'next']);
  });

  it('gives fields verbatim: the same text for the same field, and different ones for different fields', () => {
    const verbatim = (bytes: Buffer): string => first(bytes).verbatim();
    expect(verbatim(field(1, 'a'))).to.equal(verbatim(field(1, 'a')));
    expect(verbatim(field(1, 'a'))).not.to.equal(verbatim(field(2, 'a')));
    const twice = new ProtobufReader(message(field(1, 'a'), field(1, 'b')));
    twice.next();
    expect(Buffer.from(twice.verbatim(), 'latin1')).to.deep.equal(field(1, 'a'));
  });

  describe('refuses', () => {
    const check = (title: string, bytes: Buffer, read: (reader: ProtobufReader) => unknown = (it) => it.skip()) =>
      it(title, () => {
        expect(() => {
          const reader = new ProtobufReader(bytes);
          while (reader.next()) read(reader);
        }).to.throw(ProtobufError);
      });
    check('a field with the number 0', message(tag(0, 0), varint(1)));
    check('a group', message(tag(1, 3), tag(1, 4)));
    check('a number without an end', Buffer.from([0x08, 0xff, 0xff]));
    check('a number of eleven bytes', message(tag(1, 0), Buffer.alloc(10, 0xff), Buffer.from([0])));
    check('a length beyond the message', message(tag(1, 2), varint(5), Buffer.from('four')));
    check('a length of 2^63', message(tag(1, 2), varint(2n ** 63n)));
    check('a text where a number stands', integer(1, 5), (reader) => reader.text());
    check('a number where a text stands', field(1, 'text'), (reader) => reader.integer());
    check('a fixed number that is cut off', message(tag(1, 1), Buffer.alloc(7)));
  });

  it('ends on any bytes, and fails in no way but its own', () => {
    const read = fc.constantFrom('skip', 'text', 'integer', 'message', 'bytes', 'verbatim' as const);
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), fc.array(read, { minLength: 1 }), (bytes, reads) => {
        const reader = new ProtobufReader(Buffer.from(bytes));
        try {
          for (let index = 0; reader.next(); index++) reader[reads[index % reads.length] as 'skip']();
        } catch (error) {
          expect(error).to.be.instanceOf(ProtobufError);
        }
      }),
    );
  });
});
