// Pure: the vocabulary of structural schemas (OpenAPI v3 as apiextensions.k8s.io/v1 takes it).

/** A CEL rule; `self` is the node it stands on. */
export interface ValidationRule {
  readonly rule: string;
  readonly message: string;
  readonly fieldPath?: string;
}

/** The part of JSONSchemaProps that we use. */
export interface Schema {
  readonly type?: 'object' | 'array' | 'string' | 'integer';
  readonly description?: string;
  readonly format?: string;
  readonly default?: unknown;
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly additionalProperties?: Schema;
  readonly required?: readonly string[];
  readonly items?: Schema;
  readonly enum?: readonly unknown[];
  readonly pattern?: string;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly exclusiveMinimum?: boolean;
  readonly minLength?: number;
  readonly maxLength?: number;
  readonly minItems?: number;
  readonly maxItems?: number;
  readonly minProperties?: number;
  readonly maxProperties?: number;
  readonly not?: Schema;
  readonly oneOf?: readonly Schema[];
  readonly anyOf?: readonly Schema[];
  readonly 'x-kubernetes-preserve-unknown-fields'?: true;
  readonly 'x-kubernetes-map-type'?: 'atomic';
  readonly 'x-kubernetes-list-type'?: 'atomic' | 'map';
  readonly 'x-kubernetes-list-map-keys'?: readonly string[];
  readonly 'x-kubernetes-validations'?: readonly ValidationRule[];
}

const maxInt32 = 2 ** 31 - 1;

/** An object with these properties; all but those named in `optional` are required. */
export function object(
  description: string,
  properties: Readonly<Record<string, Schema>>,
  more: Schema & { readonly optional?: readonly string[] } = {},
): Schema {
  const { optional = [], ...rest } = more;
  const required = Object.keys(properties).filter((name) => !optional.includes(name));
  return { type: 'object', description, ...(required.length > 0 && { required }), properties, ...rest };
}

export function text(description: string, more: Schema = {}): Schema {
  return { type: 'string', description, ...more };
}

/** A string that must not be empty. */
export function name(description: string, more: Schema = {}): Schema {
  return text(description, { minLength: 1, ...more });
}

/** A string that becomes a segment of a URL path. */
export function pathSegment(description: string): Schema {
  return name(description, {
    pattern: '^[^/%]+$',
    not: { enum: ['.', '..'] },
  });
}

export function integer(description: string, minimum: number, more: Schema = {}): Schema {
  return { type: 'integer', format: 'int32', description, minimum, maximum: maxInt32, ...more };
}

/** A list that is replaced as a whole. */
export function list(description: string, items: Schema, more: Schema = {}): Schema {
  return { type: 'array', description, items, 'x-kubernetes-list-type': 'atomic', ...more };
}

const suffix = '([KMGTPE]i|[numkMGTPE]|[eE][+-]?[0-9]+)?';

/**
 * A quantity as autoscaling/v2 takes it: a string or any JSON number (`tolerance: 0.05`). x-kubernetes-int-or-string would refuse fractions, so the
 * node has no type; the impossible pairs of bounds refuse lists and objects, `not` refuses booleans.
 */
export function quantity(description: string, bound: 'positive' | 'not-negative' | 'any'): Schema {
  const patterns = {
    positive: `^[+]?([0-9]*[1-9][0-9]*([.][0-9]*)?|[0-9]*[.][0-9]*[1-9][0-9]*)${suffix}$`,
    'not-negative': `^[+]?([0-9]+([.][0-9]*)?|[.][0-9]+)${suffix}$`,
    any: `^[+-]?([0-9]+([.][0-9]*)?|[.][0-9]+)${suffix}$`,
  };
  return {
    description,
    'x-kubernetes-preserve-unknown-fields': true,
    pattern: patterns[bound],
    maxLength: 64,
    ...(bound !== 'any' && { minimum: 0 }),
    ...(bound === 'positive' && { exclusiveMinimum: true }),
    minItems: 1,
    maxItems: 0,
    minProperties: 1,
    maxProperties: 0,
    not: { enum: [true, false] },
  };
}
