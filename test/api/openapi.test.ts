// The OpenAPI documents next to those of metrics-server v0.9.0. Compared: everything but descriptions, which are ours.
import { readFileSync } from 'node:fs';
import { expect } from 'chai';
import { openApiDocuments } from '../../src/api/openapi.ts';

interface Documents {
  readonly v2: unknown;
  readonly v3: Readonly<Record<string, unknown>>;
}

const reference = JSON.parse(readFileSync(new URL('vectors/openapi.json', import.meta.url), 'utf8')) as Documents;

/** Without texts for people. */
function structureOf(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(structureOf);
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value).filter(([key, field]) => key !== 'description' || typeof field !== 'string');
  return Object.fromEntries(entries.map(([key, field]) => [key, structureOf(field)]));
}

function withoutInfo(text: string): unknown {
  const { info: _info, ...document } = JSON.parse(text) as { info: unknown };
  return structureOf(document);
}

describe('api: OpenAPI documents', () => {
  const ours = openApiDocuments('v1.2.3');

  it('describe the same operations, parameters and models as the reference', () => {
    expect(withoutInfo(ours.v2)).to.deep.equal(reference.v2);
  });

  it('are the same in version 3, one document per group and version', () => {
    expect(Object.keys(ours.v3)).to.deep.equal(Object.keys(reference.v3));
    for (const [path, text] of Object.entries(ours.v3)) {
      expect(withoutInfo(text), path).to.deep.equal(reference.v3[path]);
    }
  });

  it('say in our own words what each operation, parameter and field means', () => {
    const undescribed: string[] = [];
    function visit(value: unknown, path: string): void {
      if (typeof value !== 'object' || value === null) return;
      const fields = value as Record<string, unknown>;
      const isDescribable =
        'operationId' in fields || 'in' in fields || (fields['type'] === 'object' && 'properties' in fields);
      if (isDescribable && typeof fields['description'] !== 'string') undescribed.push(path);
      for (const [key, field] of Object.entries(fields)) visit(field, `${path}/${key}`);
    }
    visit(JSON.parse(ours.v2), '');
    expect(undescribed).to.deep.equal([]);
  });

  it('name us and our version', () => {
    for (const text of [ours.v2, ...Object.values(ours.v3)]) {
      expect((JSON.parse(text) as { info: object }).info).to.deep.equal({
        title: 'Headroom Metrics API',
        version: 'v1.2.3',
      });
    }
  });
});
