import { readFileSync } from 'node:fs';
import { expect } from 'chai';
import { parse } from 'yaml';
import { generatedManifests } from '../../scripts/generated-manifests.ts';
import { customResourceDefinition } from '../../src/crd/schema/definition.ts';

describe('generated manifests', () => {
  for (const [file, render] of Object.entries(generatedManifests)) {
    it(`${file} says what the code says (mend with npm run manifests)`, () => {
      expect(readFileSync(new URL(`../../${file}`, import.meta.url), 'utf8')).to.equal(render());
    });
  }

  it('lose nothing on the way to YAML', () => {
    const [render] = Object.values(generatedManifests);
    expect(parse(render?.() ?? '')).to.deep.equal(JSON.parse(JSON.stringify(customResourceDefinition)));
  });

  it('show the columns of kubectl get hpa', () => {
    const columns = customResourceDefinition.spec.versions[0].additionalPrinterColumns.map(({ name }) => name);
    expect(columns).to.deep.equal(['Reference', 'Targets', 'MinPods', 'MaxPods', 'Replicas', 'Age']);
  });
});
