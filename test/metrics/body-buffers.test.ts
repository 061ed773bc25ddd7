// Memory for bodies: bounded each and together, used again.
import { expect } from 'chai';
import { type Body, BodyBuffers } from '../../src/metrics/body-buffers.ts';

const kilobytes = (count: number): Uint8Array => new Uint8Array(count * 1024).fill(7);

function filled(buffers: BodyBuffers, count: number): Body {
  const body = buffers.open();
  body.append(kilobytes(count));
  return body;
}

describe('BodyBuffers', () => {
  it('joins chunks', () => {
    const body = new BodyBuffers({ maxBodyBytes: 1e6, maxBufferedBytes: 1e6 }).open();
    expect(body.bytes()).to.have.length(0);
    for (let i = 0; i < 200; i++) body.append(new Uint8Array(1000).fill(i));
    expect(body.bytes()).to.have.length(200_000);
    expect([body.bytes()[999], body.bytes()[1000], body.bytes()[199_999]]).to.deep.equal([0, 1, 199]);
  });

  it('refuses a body beyond its limit, however small the limit', () => {
    for (const maxBodyBytes of [10, 100_000]) {
      const body = new BodyBuffers({ maxBodyBytes, maxBufferedBytes: 1e9 }).open();
      body.append(new Uint8Array(maxBodyBytes));
      expect(() => body.append(new Uint8Array(1))).to.throw(`body exceeds ${maxBodyBytes} bytes`);
    }
  });

  it('refuses growth beyond what all bodies may take together, but never the first 64 KiB', () => {
    const buffers = new BodyBuffers({ maxBodyBytes: 1e9, maxBufferedBytes: 1024 * 1024 });
    const giant = filled(buffers, 1000);
    expect(() => filled(buffers, 200)).to.throw('bodies that arrive together exceed 1048576 bytes');
    expect(filled(buffers, 64).bytes()).to.have.length(65_536);
    giant.release();
    expect(filled(buffers, 200).bytes()).to.have.length(204_800);
  });

  it('takes memory back, once, and keeps no giant', () => {
    const buffers = new BodyBuffers({ maxBodyBytes: 1e9, maxBufferedBytes: 1e9 });
    for (const size of [1, 5000, 500]) {
      const body = filled(buffers, size);
      body.release();
      body.release();
      expect(buffers.grownBytes).to.equal(0);
    }
    // The next body gets the 500 KiB buffer, which counts as grown while it is in use.
    const next = filled(buffers, 1);
    expect(buffers.grownBytes).to.be.within(400 * 1024, 1024 * 1024);
    next.release();
  });

  it('ignores what arrives for a body that was released', () => {
    const buffers = new BodyBuffers({ maxBodyBytes: 1e6, maxBufferedBytes: 1e6 });
    const old = filled(buffers, 1);
    old.release();
    const current = filled(buffers, 1);
    old.append(new Uint8Array(10).fill(9));
    expect(current.bytes()).to.deep.equal(kilobytes(1));
    expect(old.bytes()).to.have.length(0);
  });
});
