// Pure: one requirement of a label selector: checked when made, matched, and written as apimachinery's labels.Requirement.
import { goQuote } from './go-quote.ts';
import { labelKeyProblems, labelValueProblems } from './label-validation.ts';

/** A label selector that cannot be used. `message` is what apimachinery says. */
export class SelectorError extends Error {
  override readonly name = 'SelectorError';
}

export type SelectorOperator = 'in' | 'notin' | '=' | '==' | '!=' | 'gt' | 'lt' | 'exists' | '!';

export interface Requirement {
  readonly key: string;
  readonly operator: SelectorOperator;
  readonly values: readonly string[];
}

type Labels = Readonly<Record<string, string>>;

/** What an operator asks of its values, of the label's value (undefined when the label is absent), and how it is written. */
interface OperatorRule {
  problems(values: readonly string[]): string[];
  meets(label: string | undefined, values: readonly string[]): boolean;
  format(key: string, list: string): string;
}

const isOneOf = (label: string | undefined, values: readonly string[]): boolean =>
  label !== undefined && values.includes(label);
const isNoneOf = (label: string | undefined, values: readonly string[]): boolean => !isOneOf(label, values);

const setRule = {
  problems: (values: readonly string[]) =>
    values.length === 0 ? [invalidCount(values, "for 'in', 'notin' operators, values set can't be empty")] : [],
};
const exactRule = {
  problems: (values: readonly string[]) =>
    values.length === 1 ? [] : [invalidCount(values, 'exact-match compatibility requires one single value')],
};
const presenceRule = {
  problems: (values: readonly string[]) =>
    values.length === 0 ? [] : [invalidCount(values, 'values set must be empty for exists and does not exist')],
};
const orderRule = {
  problems: (values: readonly string[]) => [
    ...(values.length === 1 ? [] : [invalidCount(values, "for 'Gt', 'Lt' operators, exactly one value is required")]),
    ...values.flatMap(integerProblems),
  ],
};

// An absent label meets notin, != and !, and nothing else.
const rules: Readonly<Record<SelectorOperator, OperatorRule>> = {
  in: { ...setRule, meets: isOneOf, format: (key, list) => `${key} in (${list})` },
  notin: { ...setRule, meets: isNoneOf, format: (key, list) => `${key} notin (${list})` },
  '=': { ...exactRule, meets: isOneOf, format: (key, list) => `${key}=${list}` },
  '==': { ...exactRule, meets: isOneOf, format: (key, list) => `${key}==${list}` },
  '!=': { ...exactRule, meets: isNoneOf, format: (key, list) => `${key}!=${list}` },
  exists: { ...presenceRule, meets: (label) => label !== undefined, format: (key) => key },
  '!': { ...presenceRule, meets: (label) => label === undefined, format: (key) => `!${key}` },
  gt: { ...orderRule, meets: (label, values) => order(label, values) > 0, format: (key, list) => `${key}>${list}` },
  lt: { ...orderRule, meets: (label, values) => order(label, values) < 0, format: (key, list) => `${key}<${list}` },
};

/** A requirement whose key, values and number of values are valid. Throws SelectorError with all problems at once. */
export function newRequirement(key: string, operator: SelectorOperator, values: readonly string[]): Requirement {
  const problems = [...keyProblems('key', key), ...rules[operator].problems(values)];
  for (const [index, value] of values.entries()) {
    const found = labelValueProblems(value);
    if (found.length > 0) problems.push(invalid(`values[${index}][${key}]`, goQuote(value), found.join('; ')));
  }
  if (problems.length > 0) throw new SelectorError(aggregate(problems));
  return { key, operator, values };
}

/** A problem with `key` at most, as apimachinery words it for the field `field`. */
export function keyProblems(field: string, key: string): string[] {
  const found = labelKeyProblems(key);
  return found.length > 0 ? [invalid(field, goQuote(key), found.join('; '))] : [];
}

function invalidCount(values: readonly string[], rule: string): string {
  return invalid('values', goJson(values), rule);
}

function integerProblems(value: string, index: number): string[] {
  if (parseInt64(value) !== undefined) return [];
  return [invalid(`values[${index}]`, goQuote(value), "for 'Gt', 'Lt' operators, the value must be an integer")];
}

function invalid(field: string, value: string, rule: string): string {
  return `${field}: Invalid value: ${value}: ${rule}`;
}

/** The text of an apimachinery Aggregate: repeats dropped, brackets around more than one. */
function aggregate(problems: readonly string[]): string {
  const distinct = [...new Set(problems)];
  return distinct.length === 1 ? (distinct[0] ?? '') : `[${distinct.join(', ')}]`;
}

/** encoding/json of a string slice; an empty one is nil upstream. */
function goJson(values: readonly string[]): string {
  if (values.length === 0) return 'null';
  return JSON.stringify(values).replaceAll(/[<>&\u2028\u2029]/g, (char) => {
    return `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`;
  });
}

/** Whether the labels meet the requirement. */
export function meets({ key, operator, values }: Requirement, labels: Labels): boolean {
  return rules[operator].meets(Object.hasOwn(labels, key) ? labels[key] : undefined, values);
}

/** Canonical text: `a=b`, `a in (b,c)`, `!a`, `a>1`. */
export function formatRequirement({ key, operator, values }: Requirement): string {
  return rules[operator].format(key, values.toSorted().join(','));
}

/** Below, at or above 0 as the label is below, at or above the bound; NaN when either is no int64. */
function order(label: string | undefined, values: readonly string[]): number {
  const actual = parseInt64(label ?? '');
  const bound = parseInt64(values[0] ?? '');
  if (actual === undefined || bound === undefined) return Number.NaN;
  return Number(actual > bound) - Number(actual < bound);
}

/** strconv.ParseInt(text, 10, 64); undefined for what it refuses. */
function parseInt64(text: string): bigint | undefined {
  if (!/^[+-]?[0-9]+$/.test(text)) return undefined;
  const value = BigInt(text.startsWith('+') ? text.slice(1) : text);
  return value === BigInt.asIntN(64, value) ? value : undefined;
}
