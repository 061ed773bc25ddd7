// The label part of a line: where it ends, and whom it names.
import { expect } from 'chai';
import { findLabelTextEnd, readContainerIdentity } from '../../src/metrics/label-text.ts';
import { bytes } from '../support/exposition-text.ts';

describe('findLabelTextEnd', () => {
  const check = (text: string, end: number): void => {
    it(`${JSON.stringify(text)} ends at ${end}`, () => expect(findLabelTextEnd(bytes(text), 0)).to.equal(end));
  };
  check('} 1\n', 1);
  check('a="b"} 1\n', 6);
  check('a="}"} 1\n', 6);
  check('a="\\"}"} 1\n', 8);
  check('a="b\\\\"} 1\n', 8);
  // No end
  check('a="b" 1\n} 1\n', -1);
  check('a="b} 1\n', -1);
  check('a="b\\\n"} 1\n', -1);
  check('', -1);
});

describe('readContainerIdentity', () => {
  const names = { namespace: 'ns', pod: 'p', container: 'c' };
  const check = (text: string, expected: typeof names | undefined): void => {
    it(text, () => expect(readContainerIdentity(bytes(text))).to.deep.equal(expected));
  };
  check('container="c",namespace="ns",pod="p"}', names);
  check('pod="p" , container = "c",\tnamespace="ns",}', names);
  check('namespace="ns",pod="ä",container="c"}', { ...names, pod: 'ä' });
  check('pod="x",pod="p",container="c",namespace="ns"}', names);
  // Refused
  check('}', undefined);
  check('container="c",namespace="ns"}', undefined);
  check('container="c",namespace="ns",pod=""}', undefined);
  check('container="c",namespace="n/s",pod="p"}', undefined);
  check('container="c",namespace="ns",pod="p}', undefined);
  check('container="c";namespace="ns",pod="p"}', undefined);
  check(',container="c",namespace="ns",pod="p"}', undefined);
});
