// Pure: reads fields of objects as they came off the wire, where anything may be missing or of another type.
import { HeadroomError } from '../lib/errors.ts';

export type Fields = Readonly<Record<string, unknown>>;

const noFields: Fields = Object.freeze({});

/** The fields of an object; none when the value is something else. */
export function fieldsOf(value: unknown): Fields {
  return isFields(value) ? value : noFields;
}

function isFields(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

export function arrayOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

/** The string, or '' for anything else. */
export function textOf(value: unknown): string {
  return typeof value === 'string' ? value : '';
}

/** The number, or `otherwise` for anything else. */
export function numberOf(value: unknown, otherwise: number): number {
  return typeof value === 'number' ? value : otherwise;
}

/** A map of strings such as labels; throws HeadroomError OBJECT_INVALID when a value is no string. */
export function stringMapOf(value: unknown): Readonly<Record<string, string>> {
  const fields = fieldsOf(value);
  if (!isStringMap(fields)) throw new HeadroomError('OBJECT_INVALID', 'a label is not a string');
  return fields;
}

function isStringMap(fields: Fields): fields is Readonly<Record<string, string>> {
  for (const key in fields) {
    if (typeof fields[key] !== 'string') return false;
  }
  return true;
}

/** metadata of an object. */
export interface Identity {
  readonly namespace: string;
  readonly name: string;
  readonly uid: string;
  readonly resourceVersion: string;
}

/** Who an object is; throws HeadroomError OBJECT_INVALID when it has no name. */
export function identityOf(object: unknown): Identity {
  const metadata = fieldsOf(fieldsOf(object)['metadata']);
  const name = textOf(metadata['name']);
  if (name === '') throw new HeadroomError('OBJECT_INVALID', 'an object has no metadata.name');
  return {
    namespace: textOf(metadata['namespace']),
    name,
    uid: textOf(metadata['uid']),
    resourceVersion: textOf(metadata['resourceVersion']),
  };
}
