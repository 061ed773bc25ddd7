import { expect } from 'chai';
import * as fc from 'fast-check';
import { LineSplitter, LineTooLong } from '../../src/kube/line-splitter.ts';

describe('LineSplitter', () => {
  it('gives the same lines however the bytes are cut', () => {
    fc.assert(
      fc.property(fc.array(fc.string({ unit: 'grapheme' })), fc.array(fc.nat({ max: 40 })), (texts, cuts) => {
        const lines = texts.map((text) => text.replaceAll('\n', ''));
        const bytes = Buffer.from(lines.map((line) => `${line}\n`).join(''));
        const splitter = new LineSplitter();
        const found: string[] = [];
        let at = 0;
        for (const length of [...cuts, bytes.length]) {
          found.push(...splitter.push(bytes.subarray(at, at + length)));
          at += length;
        }
        expect(found).to.deep.equal(lines.filter((line) => line !== ''));
      }),
    );
  });

  it('keeps back a line without an end', () => {
    const splitter = new LineSplitter();
    expect(splitter.push(Buffer.from('half'))).to.deep.equal([]);
    expect(splitter.push(Buffer.from(' done\nrest'))).to.deep.equal(['half done']);
  });

  it('refuses a line that grows without end', () => {
    const splitter = new LineSplitter(10);
    splitter.push(Buffer.from('12345'));
    expect(() => splitter.push(Buffer.from('678901'))).to.throw(LineTooLong);
  });

  it('costs no more for an object in many chunks than in one', () => {
    const chunk = Buffer.alloc(64, 'x');
    const splitter = new LineSplitter();
    for (let index = 0; index < 100_000; index++) splitter.push(chunk);
    expect(splitter.push(Buffer.from('\n'))[0]).to.have.length(6_400_000);
  }).timeout(2_000);
});
