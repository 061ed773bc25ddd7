// Pure: the rules for metadata of a new object (k8s.io/apimachinery pkg/api/validation/objectmeta.go), in upstream's order.
import { goQuote } from '../lib/go-quote.ts';
import { labelKeyProblems, labelValueProblems } from '../lib/label-validation.ts';
import type { Field } from './field.ts';
import { goJson, invalid, invalidText, required, tooLong } from './field-errors.ts';
import { dnsSubdomainPrefixProblems, dnsSubdomainProblems } from './name-rules.ts';
import type { Problem } from './types.ts';

const maxAnnotationBytes = 256 * 1024;
const orphan = 'orphan';
const foreground = 'foregroundDeletion';
const standardFinalizers: ReadonlySet<string> = new Set(['kubernetes', orphan, foreground]);

/** `native`: the built-in kinds are checked for a negative generation and for finalizers that are nobody's. */
export function validateMetadata(metadata: Field, native: boolean): Problem[] {
  const generation = metadata.child('generation');
  return [
    ...nameProblems(metadata),
    ...(native && generation.integer() < 0
      ? [invalid(generation, generation.integer(), 'must be greater than or equal to 0')]
      : []),
    ...labelProblems(metadata.child('labels')),
    ...annotationProblems(metadata.child('annotations')),
    ...ownerProblems(metadata.child('ownerReferences')),
    ...finalizerProblems(metadata.child('finalizers'), native),
  ];
}

function nameProblems(metadata: Field): Problem[] {
  const [name, generateName] = [metadata.child('name'), metadata.child('generateName')];
  const problems: Problem[] = [];
  if (generateName.text() !== '') {
    const found = dnsSubdomainPrefixProblems(generateName.text());
    problems.push(...found.map((detail) => invalidText(generateName, detail)));
  }
  if (name.text() !== '') {
    problems.push(...dnsSubdomainProblems(name.text()).map((detail) => invalidText(name, detail)));
  } else if (generateName.text() === '') {
    problems.push(required(name, 'name or generateName is required'));
  }
  return problems;
}

/** Upstream goes through maps in random order; here it is that of the document. */
function labelProblems(labels: Field): Problem[] {
  return labels.entries().flatMap(({ key, at }) => {
    const [field, value] = [{ path: labels.path, at }, labels.child(key)];
    return [
      ...labelKeyProblems(key).map((detail) => invalidAt(field, key, detail)),
      ...labelValueProblems(value.text()).map((detail) => invalidAt(field, value.text(), detail)),
    ];
  });
}

function annotationProblems(annotations: Field): Problem[] {
  const entries = annotations.entries();
  const problems = entries.flatMap(({ key, at }) =>
    labelKeyProblems(key.toLowerCase()).map((detail) => invalidAt({ path: annotations.path, at }, key, detail)),
  );
  const bytes = entries.reduce((sum, { key, value }) => {
    return sum + Buffer.byteLength(key) + (value.kind === 'string' ? Buffer.byteLength(value.value) : 0);
  }, 0);
  return bytes > maxAnnotationBytes ? [...problems, tooLong(annotations, maxAnnotationBytes)] : problems;
}

function invalidAt(field: Pick<Field, 'path' | 'at'>, value: string, detail: string): Problem {
  return { field: field.path, message: `Invalid value: ${goQuote(value)}: ${detail}`, at: field.at };
}

/** Upstream names the list, not the item. */
function ownerProblems(owners: Field): Problem[] {
  const problems: Problem[] = [];
  let controller: string | undefined;
  for (const item of distinct(owners.items())) {
    const at = item.at;
    const problem = (name: string, message: string): Problem => ({
      field: name === '' ? owners.path : `${owners.path}.${name}`,
      message: `Invalid value: ${message}`,
      at,
    });
    const [apiVersion, kind, name] = ['apiVersion', 'kind', 'name'].map((part) => item.child(part).text());
    if (!isVersion(apiVersion))
      problems.push(problem('apiVersion', `${goQuote(apiVersion ?? '')}: version must not be empty`));
    for (const part of ['kind', 'name', 'uid']) {
      if (item.child(part).text() === '') problems.push(problem(part, '"": must not be empty'));
    }
    if (apiVersion === 'v1' && kind === 'Event') {
      problems.push(problem('', `${ownerJson(item)}: /v1, Kind=Event is disallowed from being an owner`));
    }
    if (!item.child('controller').isTrue()) continue;
    const own = `${kind}/${name}`;
    if (controller === undefined) controller = own;
    else {
      const both = `Found "true" in references for ${controller} and ${own}`;
      const list = `[${distinct(owners.items()).map(ownerJson).join(',')}]`;
      problems.push(problem('', `${list}: Only one reference can have Controller set to true. ${both}`));
    }
  }
  return problems;
}

/** The API server drops owners that are there already. */
function distinct(owners: readonly Field[]): Field[] {
  return [...new Map(owners.toReversed().map((owner) => [ownerJson(owner), owner])).values()].toReversed();
}

function isVersion(apiVersion = ''): boolean {
  const parts = apiVersion.split('/');
  return parts.length <= 2 && parts.at(-1) !== '';
}

/** An owner reference as Go writes it. */
function ownerJson(owner: Field): string {
  const text = (name: string): string => goJson(owner.child(name).text());
  const flags = ['controller', 'blockOwnerDeletion'].flatMap((name) => {
    const flag = owner.child(name);
    return flag.isPresent ? [`,"${name}":${flag.isTrue()}`] : [];
  });
  const required = ['apiVersion', 'kind', 'name', 'uid'].map((name) => `"${name}":${text(name)}`).join(',');
  return `{${required}${flags.join('')}}`;
}

function finalizerProblems(finalizers: Field, native: boolean): Problem[] {
  const items = finalizers.items();
  const names = items.map((item) => item.text());
  const problems = items.flatMap((item) =>
    labelKeyProblems(item.text()).map((detail) =>
      invalidAt({ path: finalizers.path, at: item.at }, item.text(), detail),
    ),
  );
  if (names.includes(orphan) && names.includes(foreground)) {
    const detail = `finalizer ${orphan} and ${foreground} cannot be both set`;
    problems.push(invalid(finalizers, `[${names.map(goJson).join(',')}]`, detail));
  }
  if (!native) return problems;
  const unknown = items.filter((item) => !item.text().includes('/') && !standardFinalizers.has(item.text()));
  const detail = 'name is neither a standard finalizer name nor is it fully qualified';
  return [...problems, ...unknown.map((item) => invalidText(item, detail))];
}
