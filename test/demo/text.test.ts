import { expect } from 'chai';
import { printable, toAscii } from '../../demo/terminal.ts';
import { breakAnywhere, fit, plainText, span, wrap } from '../../demo/text.ts';

describe('text for the terminal', () => {
  describe('is cut to a width with an ellipsis', () => {
    const check = (width: number, expected: string): void => {
      it(`of ${width}`, () => {
        expect(plainText(fit([span('abc', 'bold'), span('def')], width))).to.equal(expected);
      });
    };
    check(7, 'abcdef');
    check(6, 'abcdef');
    check(5, 'abcd…');
    check(1, '…');
    check(0, '');
  });

  it('is wrapped between words', () => {
    expect(wrap('one two three', 7)).to.deep.equal(['one two', 'three']);
    expect(wrap('extraordinary', 7)).to.deep.equal(['extraordinary']);
    expect(wrap('', 7)).to.deep.equal(['']);
  });

  it('that is to be copied is broken anywhere, and complete', () => {
    expect(breakAnywhere('abcdefgh', 3)).to.deep.equal(['abc', 'def', 'gh']);
    expect(breakAnywhere('', 3)).to.deep.equal(['']);
  });

  it('carries colour only where there may be colour', () => {
    const line = [span('up', 'warn'), span(' 5')];
    expect(printable(line, { hasColour: true, isAscii: false })).to.equal('\u001b[33mup\u001b[0m 5');
    expect(printable(line, { hasColour: false, isAscii: false })).to.equal('up 5');
  });

  it('keeps its width in ASCII', () => {
    const text = ' ▁▂▃▄▅▆▇█░┃→×…✓';
    expect(toAscii(text))
      .to.match(/^[ -~]+$/)
      .and.not.include('?');
    expect(toAscii(text)).to.have.length(text.length);
  });
});
