// Pure: the sentences of k8s.io/apimachinery pkg/util/validation/field, about a field.
import { goQuote } from '../lib/go-quote.ts';
import type { Field } from './field.ts';
import type { Problem } from './types.ts';

/** `value` as Go prints it: text quoted, numbers bare, everything else as JSON. */
export function invalid(field: Field, value: string | number, detail: string): Problem {
  const printed = typeof value === 'number' ? String(value) : value;
  return problem(field, `Invalid value: ${printed}: ${detail}`);
}

export function invalidText(field: Field, detail: string): Problem {
  return invalid(field, goQuote(field.text()), detail);
}

export function required(field: Field, detail = ''): Problem {
  return problem(field, detail === '' ? 'Required value' : `Required value: ${detail}`);
}

export function forbidden(field: Field, detail: string): Problem {
  return problem(field, `Forbidden: ${detail}`);
}

export function notSupported(field: Field, value: string, supported: readonly string[]): Problem {
  return problem(field, `Unsupported value: ${value}: supported values: ${supported.map(goQuote).join(', ')}`);
}

export function tooLong(field: Field, maxBytes: number): Problem {
  return problem(field, `Too long: may not be more than ${maxBytes} bytes`);
}

function problem(field: Field, message: string): Problem {
  return { field: field.path, message, at: field.at };
}

/** A string as encoding/json writes it. Types with a name of their own are printed so, plain strings with goQuote. */
export function goJson(text: string): string {
  return JSON.stringify(text.toWellFormed()).replaceAll(/[<>&\u2028\u2029]/g, (char) => {
    return `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`;
  });
}
