// Pure: the vocabulary for describing Go types, with the names that encoding/json puts into its messages.

export type GoType =
  | { readonly kind: 'text' | 'boolean'; readonly goName: string }
  | { readonly kind: 'integer'; readonly goName: 'int32' | 'int64' }
  /** Types that read their JSON themselves. */
  | { readonly kind: 'quantity' | 'time' | 'anything'; readonly goName: string }
  | { readonly kind: 'list'; readonly goName: string; readonly of: GoType }
  /** map[string]string and the like. */
  | { readonly kind: 'map'; readonly goName: string; readonly of: GoType }
  | StructType;

export interface StructType {
  readonly kind: 'struct';
  /** With its package: `v2.MetricSpec`. */
  readonly goName: string;
  readonly fields: ReadonlyMap<string, GoType>;
}

export const string: GoType = text('string');
export const boolean: GoType = { kind: 'boolean', goName: 'bool' };
export const int32: GoType = { kind: 'integer', goName: 'int32' };
export const int64: GoType = { kind: 'integer', goName: 'int64' };
export const quantity: GoType = { kind: 'quantity', goName: 'resource.Quantity' };
export const time: GoType = { kind: 'time', goName: 'v1.Time' };
export const anything: GoType = { kind: 'anything', goName: 'v1.FieldsV1' };

/** A string type with a name of its own. */
export function text(goName: string): GoType {
  return { kind: 'text', goName };
}

export function list(of: GoType): GoType {
  return { kind: 'list', goName: `[]${of.goName}`, of };
}

export function map(of: GoType): GoType {
  return { kind: 'map', goName: `map[string]${of.goName}`, of };
}

export function struct(goName: string, fields: Readonly<Record<string, GoType>>): StructType {
  return { kind: 'struct', goName, fields: new Map(Object.entries(fields)) };
}
