// Invariants: for any change of any manifest of the table `check` does not throw; every finding has a place in the text, an object, a message and advice;
// what is refused has an answer; and every CEL rule of our schema has its code.
import { expect } from 'chai';
import * as fc from 'fast-check';
import { check } from '../../src/check/check.ts';
import { readDocuments } from '../../src/check/documents.ts';
import { valueOf } from '../../src/check/tree.ts';
import { manifestCases } from './manifests.ts';

const settings = { namespace: 'default', scaleToZero: false };
/** Short enough to be changed often. */
const bases = manifestCases
  .filter(({ manifest }) => manifest.length < 2_000)
  .flatMap(({ manifest }) => readDocuments('a.yaml', manifest))
  .flatMap((document) => ('root' in document ? [valueOf(document.root) as Json] : []));

type Json = null | boolean | number | string | Json[] | { [key: string]: Json };

const values = fc.oneof(
  fc.constantFrom<Json>(null, true, 0, -1, 5, 1.5, 3e9, '', 'a', 'A_b', '5', '-1Ki', '500u', '..', [], {}, [1], {
    a: 1,
  }),
  fc.constantFrom<Json>('Utilization', 'Value', 'Resource', 'Object', 'Pods', 'apps/v1', 'Disabled', 'DaemonSet'),
  fc.jsonValue({ maxDepth: 2 }) as fc.Arbitrary<Json>,
);

/** The value with whatever stands at the nth place inside replaced. */
function replaced(value: Json, place: number, by: Json): Json {
  const copy = structuredClone(value);
  const places: { readonly holder: Record<string, Json>; readonly key: string }[] = [];
  const walk = (holder: Json): void => {
    if (typeof holder !== 'object' || holder === null) return;
    for (const [key, inner] of Object.entries(holder)) {
      places.push({ holder: holder as Record<string, Json>, key });
      walk(inner);
    }
  };
  walk(copy);
  const found = places[place % places.length];
  if (found !== undefined) found.holder[found.key] = by;
  return copy;
}

describe('headroom check, whatever a manifest holds', () => {
  it('says something sensible', () => {
    const changes = fc.array(fc.tuple(fc.nat(60), values), { minLength: 1, maxLength: 3 });
    fc.assert(
      fc.property(fc.constantFrom(...bases), changes, fc.boolean(), (base, edits, asLines) => {
        const manifest = edits.reduce((value, [place, by]) => replaced(value, place, by), base);
        const text = JSON.stringify(manifest, undefined, asLines ? 1 : undefined);
        const { autoscalers, others } = check([{ file: 'a.json', text }], settings);
        const lines = text.split('\n').length;
        for (const { at, message, advice } of [...autoscalers.flatMap((one) => one.findings), ...others]) {
          expect(at.line).to.be.within(1, lines);
          expect(message).to.not.equal('');
          expect(advice).to.not.equal('');
        }
        for (const { answer, findings } of autoscalers) {
          expect(answer !== undefined).to.equal(findings.some(({ severity }) => severity === 'error'));
        }
      }),
      { numRuns: 500 },
    );
  });
});
