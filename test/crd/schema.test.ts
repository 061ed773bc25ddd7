// Holds the CRD schema and the reading of objects together: a sample with every field of the schema is made from the schema and read.
// 1. What is read is in the schema: the sample notes each field that is asked for.
// 2. What is in the schema is read: changing any leaf of the sample changes what is read.
import { expect } from 'chai';
import { metricSources } from '../../src/crd/metric-sources.ts';
import { parseAutoscaler } from '../../src/crd/parse.ts';
import type { Schema } from '../../src/crd/schema/builders.ts';
import { headroomAutoscalerSchema } from '../../src/crd/schema/definition.ts';

type Path = readonly (string | number)[];

const metadata = { namespace: 'shop', name: 'web', uid: 'u', resourceVersion: '1', managedFields: [] };

/** A value that fits the schema; `turn` chooses between two that differ. */
function sample(schema: Schema, turn: 0 | 1 = 0): unknown {
  if (schema.properties?.['resource'] !== undefined) return sampleMetric(schema, 'Resource');
  if (schema.type === 'object') {
    const { properties } = schema;
    if (properties === undefined) return { label: 'a' };
    return Object.fromEntries(Object.entries(properties).map(([name, property]) => [name, sample(property)]));
  }
  if (schema.type === 'array') return sampleList(schema.items ?? {});
  if (schema.format === 'date-time') return ['2026-11-21T11:00:56Z', '2026-11-21T11:00:57Z'][turn];
  if (schema.enum !== undefined) return schema.enum[turn];
  if (schema.type === 'integer') return 7 + turn;
  return schema.type === 'string' ? `text-${turn}` : `${7 + turn}`;
}

function sampleList(items: Schema): unknown[] {
  if (items.properties?.['resource'] === undefined) return [sample(items)];
  return Object.keys(metricSources).map((type) => sampleMetric(items, type));
}

/** A metric that has every source, whatever its type: only that of its type may be read. */
function sampleMetric({ properties = {} }: Schema, type: string): unknown {
  const sources = Object.values(metricSources).map((field) => [field, sample(properties[field] ?? {})]);
  return { ...Object.fromEntries(sources), type };
}

/** Every place of the schema that holds a scalar, with list indexes as in the sample. */
function* leaves(schema: Schema, path: Path = []): Generator<{ path: Path; schema: Schema }> {
  for (const [name, property] of Object.entries(schema.properties ?? {})) yield* leaves(property, [...path, name]);
  if (schema.additionalProperties !== undefined) yield* leaves(schema.additionalProperties, [...path, 'label']);
  if (schema.items !== undefined) yield* leavesOfItems(schema.items, path);
  if (schema.type !== 'object' && schema.type !== 'array') yield { path, schema };
}

function* leavesOfItems(items: Schema, path: Path): Generator<{ path: Path; schema: Schema }> {
  const { properties = {} } = items;
  if (properties['resource'] === undefined) yield* leaves(items, [...path, 0]);
  else {
    for (const [index, field] of Object.values(metricSources).entries()) {
      yield* leaves(properties[field] ?? {}, [...path, index, field]);
    }
  }
}

/** A copy of the value with the leaf at `path` replaced. */
function replaced(value: unknown, [head, ...rest]: Path, leaf: unknown): unknown {
  if (head === undefined) return leaf;
  if (Array.isArray(value)) return value.map((item, index) => (index === head ? replaced(item, rest, leaf) : item));
  const members = Object.entries(value as object);
  return Object.fromEntries(
    members.map(([name, member]) => [name, name === head ? replaced(member, rest, leaf) : member]),
  );
}

/** The value, adding to `asked` the schema path of each field that is read. */
function noting(value: unknown, path: string, asked: Set<string>): unknown {
  if (typeof value !== 'object' || value === null) return value;
  return new Proxy(value, {
    get(target, name, receiver) {
      const member: unknown = Reflect.get(target, name, receiver);
      if (typeof name === 'symbol' || (Array.isArray(target) && !/^\d+$/.test(name))) return member;
      const memberPath = Array.isArray(target) ? `${path}[]` : `${path}.${name}`;
      asked.add(memberPath);
      return noting(member, memberPath, asked);
    },
  });
}

function schemaPaths(schema: Schema, path = ''): string[] {
  const members = Object.entries(schema.properties ?? {}).flatMap(([name, property]) =>
    schemaPaths(property, `${path}.${name}`),
  );
  const items = schema.items === undefined ? [] : schemaPaths(schema.items, `${path}[]`);
  const values = schema.additionalProperties === undefined ? [] : [`${path}.label`];
  return [path, ...members, ...items, ...values];
}

const read = (object: unknown): unknown => parseAutoscaler(object, 'HeadroomAutoscaler');

describe('the schema of HeadroomAutoscaler', () => {
  const { properties = {} } = headroomAutoscalerSchema;
  const full = { metadata, spec: sample(properties['spec'] ?? {}), status: sample(properties['status'] ?? {}) };

  it('has every field that is read', () => {
    const asked = new Set<string>();
    read(noting(full, '', asked));
    expect(asked.size).to.be.greaterThan(80);
    const known = new Set([
      ...schemaPaths(headroomAutoscalerSchema),
      ...Object.keys(metadata).map((name) => `.metadata.${name}`),
    ]);
    expect([...asked].filter((path) => !known.has(path))).to.deep.equal([]);
  });

  const before = read(full);
  for (const section of ['spec', 'status']) {
    for (const { path, schema } of leaves(properties[section] ?? {}, [section])) {
      it(`has no field that is not read: ${path.join('.')}`, () => {
        expect(read(replaced(full, path, sample(schema, 1)))).not.to.deep.equal(before);
      });
    }
  }

  it('describes every field', () => {
    const undescribed = (schema: Schema, path: string): string[] => [
      ...(schema.description === undefined ? [path] : []),
      ...Object.entries(schema.properties ?? {}).flatMap(([name, property]) =>
        undescribed(property, `${path}.${name}`),
      ),
      ...(schema.items?.type === 'object' ? undescribed(schema.items, `${path}[]`) : []),
    ];
    expect([
      ...undescribed(properties['spec'] ?? {}, 'spec'),
      ...undescribed(properties['status'] ?? {}, 'status'),
    ]).to.deep.equal([]);
  });
});
