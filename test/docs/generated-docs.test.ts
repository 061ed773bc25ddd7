import { readFileSync } from 'node:fs';
import { expect } from 'chai';
import { generatedDocs } from '../../scripts/generated-docs.ts';

describe('generated docs', () => {
  for (const [file, render] of Object.entries(generatedDocs)) {
    it(`${file} says what the code says (mend with npm run docs:update)`, async () => {
      expect(readFileSync(new URL(`../../${file}`, import.meta.url), 'utf8')).to.equal(await render());
    });
  }
});
