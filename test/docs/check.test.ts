// The example of docs/check.md is what the program prints.
import { expect } from 'chai';
import { check } from '../../src/check/check.ts';
import { textReport } from '../../src/check/report.ts';
import { readProjectFile } from '../support/markdown.ts';

describe('docs/check.md', () => {
  it('shows what headroom check prints about test/docs/check-example.yaml', () => {
    const [, example] = /^\$ headroom check web\.yaml\n(.*?)^```$/ms.exec(readProjectFile('docs/check.md')) ?? [];
    const files = [{ file: 'web.yaml', text: readProjectFile('test/docs/check-example.yaml') }];
    const result = check(files, { namespace: 'default', scaleToZero: false });
    expect(example).to.equal(textReport(result, { color: false }));
  });
});
