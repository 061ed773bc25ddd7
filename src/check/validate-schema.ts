// Pure: a tree against a structural schema, in the words of the API server (k8s.io/kube-openapi pkg/validation/validate). Upstream goes through
// properties in random order; here it is that of the schema.
import type { Schema } from '../crd/schema/builders.ts';
import { goQuote } from '../lib/go-quote.ts';
import type { Field } from './field.ts';
import { goJson } from './field-errors.ts';
import type { Node, Problem } from './types.ts';

/** `isBlocking`: CEL rules are not even looked at. */
export interface SchemaProblem extends Problem {
  readonly isBlocking: boolean;
}

/** Problems that upstream cannot name a field for are under this one. */
const noField = '<nil>';

export function validateSchema(field: Field, schema: Schema): SchemaProblem[] {
  const { node } = field;
  if (node === undefined) return [];
  const problems = [
    ...typeProblems(field, node, schema),
    ...alternativeProblems(field, schema),
    ...valueProblems(field, node, schema),
    ...enumProblems(field, node, schema),
    ...propertyProblems(field, node, schema),
  ];
  return withoutRepetitions(problems);
}

/** Of equal sentences upstream keeps the first. */
function withoutRepetitions(problems: readonly SchemaProblem[]): SchemaProblem[] {
  const seen = new Set<string>();
  return problems.filter(({ field, message }) => {
    const sentence = `${field}: ${message}`;
    const isNew = !seen.has(sentence);
    seen.add(sentence);
    return isNew;
  });
}

const goKinds = { object: 'object', array: 'array', string: 'string', boolean: 'boolean', null: 'null' } as const;

function kindOf(node: Node): { readonly type: string; readonly format: string } {
  if (node.kind !== 'number') return { type: goKinds[node.kind], format: '' };
  return isInteger(node.text) ? { type: 'integer', format: 'int64' } : { type: 'number', format: 'float64' };
}

function isInteger(text: string): boolean {
  return /^-?[0-9]+$/.test(text) && BigInt(text) === BigInt.asIntN(64, BigInt(text));
}

function typeProblems(field: Field, node: Node, schema: Schema): SchemaProblem[] {
  if (schema.type === undefined) return [];
  const { type, format } = kindOf(node);
  if (node.kind === 'null') return [wrongType(field, schema.type, 'null')];
  const isWhole =
    type === 'number' &&
    schema.type === 'integer' &&
    Number.isSafeInteger(Number(node.kind === 'number' ? node.text : Number.NaN));
  if (type === schema.type || isWhole) return [];
  // With a format, what is neither text nor list is measured by the format.
  const byFormat = schema.format !== undefined && type !== 'string' && type !== 'array';
  return [byFormat ? wrongType(field, schema.format, format) : wrongType(field, schema.type, type)];
}

function wrongType(field: Field, wanted: string, found: string): SchemaProblem {
  const quoted = goQuote(found);
  return { ...invalid(field, quoted, `must be of type ${wanted}: ${quoted}`), isBlocking: true };
}

function alternativeProblems(field: Field, schema: Schema): SchemaProblem[] {
  const { anyOf, oneOf, not } = schema;
  const problems: SchemaProblem[] = [];
  if (anyOf !== undefined) {
    const results = anyOf.map((one) => validateSchema(field, one));
    if (!results.some(isEmpty))
      problems.push(unnamed(field, 'must validate at least one schema (anyOf)'), ...(results[0] ?? []));
  }
  if (oneOf !== undefined) {
    const results = oneOf.map((one) => validateSchema(field, one));
    const valid = results.filter(isEmpty).length;
    const found = valid === 0 ? 'Found none valid' : `Found ${valid} valid alternatives`;
    if (valid !== 1) problems.push(unnamed(field, `must validate one and only one schema (oneOf). ${found}`));
    if (valid === 0) problems.push(...(results[0] ?? []));
  }
  if (not !== undefined && isEmpty(validateSchema(field, not))) {
    problems.push(unnamed(field, 'must not validate the schema (not)'));
  }
  return problems;
}

function isEmpty(problems: readonly Problem[]): boolean {
  return problems.length === 0;
}

function unnamed(field: Field, rule: string): SchemaProblem {
  return {
    field: noField,
    message: `Invalid value: "": ${goQuote(field.path)} ${rule}`,
    at: field.at,
    isBlocking: false,
  };
}

function valueProblems(field: Field, node: Node, schema: Schema): SchemaProblem[] {
  switch (node.kind) {
    case 'string':
      return stringProblems(field, node.value, schema);
    case 'number':
      return numberProblems(field, node.text, schema);
    case 'array':
      return listProblems(field, schema);
    case 'object':
      return sizeProblems(field, node.entries.length, schema);
    case 'boolean':
    case 'null':
      return [];
  }
}

/** The first of them only. */
function stringProblems(field: Field, text: string, schema: Schema): SchemaProblem[] {
  const { maxLength = Number.POSITIVE_INFINITY, minLength = 0, pattern } = schema;
  const length = Array.from(text).length;
  if (length > maxLength) {
    const message = `Too long: may not be more than ${maxLength} bytes`;
    return [{ field: field.path, message, at: field.at, isBlocking: true }];
  }
  if (length < minLength) return [invalid(field, goQuote(text), `should be at least ${minLength} chars long`)];
  if (pattern === undefined || new RegExp(pattern, 'u').test(text)) return [];
  return [invalid(field, goQuote(text), `should match '${pattern}'`)];
}

function numberProblems(field: Field, text: string, schema: Schema): SchemaProblem[] {
  const { minimum, maximum, exclusiveMinimum, format, type } = schema;
  const value = Number(text);
  const printed = numberText(text);
  const bound = (number: number): string => (isInteger(text) ? String(number) : goFloat(number));
  const problems: SchemaProblem[] = [];
  if (type === 'integer' && format === 'int32' && value !== (value | 0)) {
    const message = `Invalid value: "": Checked value must be of type integer with format int32 in ${field.path}`;
    problems.push({ field: noField, message, at: field.at, isBlocking: false });
  }
  if (minimum !== undefined && (value < minimum || (exclusiveMinimum === true && value === minimum))) {
    const orEqual = exclusiveMinimum === true ? '' : 'or equal to ';
    problems.push(invalid(field, printed, `should be greater than ${orEqual}${bound(minimum)}`));
  }
  if (maximum !== undefined && value > maximum) {
    problems.push(invalid(field, printed, `should be less than or equal to ${bound(maximum)}`));
  }
  return problems;
}

function listProblems(field: Field, schema: Schema): SchemaProblem[] {
  const { items, minItems = 0, maxItems } = schema;
  const found = field.items();
  const problems = items === undefined ? [] : found.flatMap((item) => validateSchema(item, items));
  if (found.length < minItems)
    problems.push(invalid(field, String(found.length), `should have at least ${minItems} items`));
  if (maxItems !== undefined && found.length > maxItems) problems.push(tooMany(field, found.length, maxItems));
  return problems;
}

function sizeProblems(field: Field, size: number, schema: Schema): SchemaProblem[] {
  const { minProperties = 0, maxProperties } = schema;
  const problems: SchemaProblem[] = [];
  if (size < minProperties)
    problems.push(invalid(field, String(size), `should have at least ${minProperties} properties`));
  if (maxProperties !== undefined && size > maxProperties) problems.push(tooMany(field, size, maxProperties));
  return problems;
}

function tooMany(field: Field, found: number, allowed: number): SchemaProblem {
  const message = `Too many: ${found}: must have at most ${allowed} items`;
  return { field: field.path, message, at: field.at, isBlocking: true };
}

function enumProblems(field: Field, node: Node, schema: Schema): SchemaProblem[] {
  if (schema.enum === undefined) return [];
  const value = node.kind === 'string' || node.kind === 'boolean' ? node.value : undefined;
  if (schema.enum.includes(value)) return [];
  const supported = schema.enum.map((one) => goQuote(String(one))).join(', ');
  const message = `Unsupported value: ${valueText(node)}: supported values: ${supported}`;
  return [{ field: field.path, message, at: field.at, isBlocking: true }];
}

function propertyProblems(field: Field, node: Node, schema: Schema): SchemaProblem[] {
  if (node.kind !== 'object') return [];
  const { properties = {}, additionalProperties, required = [] } = schema;
  const others =
    additionalProperties === undefined ? [] : node.entries.filter(({ key }) => !Object.hasOwn(properties, key));
  return [
    ...others.flatMap(({ key }) => validateSchema(field.child(key), additionalProperties ?? {})),
    ...Object.entries(properties).flatMap(([key, inner]) => validateSchema(field.child(key), inner)),
    ...required
      .map((key) => field.child(key))
      .filter((child) => !child.isPresent)
      .map(({ path, at }) => ({ field: path, message: 'Required value', at, isBlocking: true })),
  ];
}

function invalid(field: Field, value: string, rule: string): SchemaProblem {
  const message = `Invalid value: ${value}: ${field.path} in body ${rule}`;
  return { field: field.path, message, at: field.at, isBlocking: false };
}

/** A value as Go prints it in a message. */
function valueText(node: Node): string {
  switch (node.kind) {
    case 'string':
      return goQuote(node.value);
    case 'number':
      return numberText(node.text);
    case 'boolean':
      return String(node.value);
    case 'null':
      return 'null';
    case 'array':
      return `[${node.items.map(jsonText).join(',')}]`;
    case 'object':
      return `{${node.entries.map(({ key, value }) => `${goJson(key)}:${jsonText(value)}`).join(',')}}`;
  }
}

function jsonText(node: Node): string {
  return node.kind === 'string' ? goJson(node.value) : valueText(node);
}

function numberText(text: string): string {
  return isInteger(text) ? String(BigInt(text)) : goFloat(Number(text));
}

/** As Go's %v prints a float64. */
function goFloat(value: number): string {
  const [mantissa = '', exponent = ''] = value.toExponential().split('e');
  const power = Number(exponent);
  if (power >= -4 && power < 6) return String(value);
  return `${mantissa}e${power < 0 ? '-' : '+'}${String(Math.abs(power)).padStart(2, '0')}`;
}
