import { expect } from 'chai';
import * as fc from 'fast-check';
import { WatchCorrupted } from '../../src/kube/codec.ts';
import { FrameSplitter } from '../../src/kube/frame-splitter.ts';
import { frame } from '../support/protobuf-wire.ts';

describe('FrameSplitter', () => {
  it('gives the same frames however the bytes are cut', () => {
    const contents = fc.array(fc.uint8Array({ maxLength: 20 }));
    fc.assert(
      fc.property(contents, fc.array(fc.nat({ max: 30 })), (wanted, cuts) => {
        const bytes = Buffer.concat(wanted.map((content) => frame(Buffer.from(content))));
        const splitter = new FrameSplitter();
        const found: Buffer[] = [];
        let at = 0;
        for (const length of [...cuts, bytes.length]) {
          found.push(...splitter.push(bytes.subarray(at, at + length)));
          at += length;
        }
        expect(found.map((content) => [...content])).to.deep.equal(wanted.map((content) => [...content]));
      }),
    );
  });

  it('gives the same frames, cut at any byte', () => {
    const bytes = Buffer.concat(['one', '', 'three'].map((content) => frame(Buffer.from(content))));
    for (let cut = 0; cut <= bytes.length; cut++) {
      const splitter = new FrameSplitter();
      const found = [...splitter.push(bytes.subarray(0, cut)), ...splitter.push(bytes.subarray(cut))];
      expect(found.map(String), `cut at ${cut}`).to.deep.equal(['one', '', 'three']);
    }
  });

  it('keeps back a frame without an end', () => {
    const splitter = new FrameSplitter();
    expect(splitter.push(frame(Buffer.from('half and half')).subarray(0, 8))).to.deep.equal([]);
    expect(splitter.push(Buffer.from(' and half')).map(String)).to.deep.equal(['half and half']);
  });

  it('refuses a frame that is longer than any object, before it has come', () => {
    const splitter = new FrameSplitter(10);
    expect(splitter.push(frame(Buffer.alloc(10)))).to.have.length(1);
    expect(() => splitter.push(Buffer.from([0, 0, 0, 11]))).to.throw(WatchCorrupted, '11 bytes');
    expect(() => new FrameSplitter().push(Buffer.from('HTTP'))).to.throw(WatchCorrupted);
  });

  it('costs no more for an object in many chunks than in one', () => {
    const chunk = Buffer.alloc(64, 'x');
    const splitter = new FrameSplitter();
    const bytes = frame(Buffer.alloc(64 * 100_000));
    splitter.push(bytes.subarray(0, 4));
    for (let index = 0; index < 99_999; index++) splitter.push(chunk);
    expect(splitter.push(chunk)[0]).to.have.length(6_400_000);
  }).timeout(2_000);
});
