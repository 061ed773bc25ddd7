// Pure: values of request headers as Go reads them.
import type { Credentials } from './authenticate.ts';

type Headers = Credentials['headers'];

const beyondAscii = /[\u0080-\u00ff]/;

/** All values, in order of arrival. */
export function headerValues(headers: Headers, name: string): readonly string[] {
  return (headers[name.toLowerCase()] ?? []).map(decodeUtf8);
}

/** '' when the header is not there. */
export function firstHeaderValue(headers: Headers, name: string): string {
  return headerValues(headers, name)[0] ?? '';
}

/** Node reads header bytes as Latin-1; API servers send UTF-8. */
function decodeUtf8(value: string): string {
  return beyondAscii.test(value) ? Buffer.from(value, 'latin1').toString('utf8') : value;
}

/**
 * Values of all headers whose names begin with `prefix`, by the rest of the name: in lower case and %-decoded, because it may hold what a header's
 * name may not.
 */
export function extraValues(headers: Headers, prefix: string, into: Map<string, string[]>): void {
  for (const header of Object.keys(headers)) {
    if (!header.startsWith(prefix)) continue;
    const key = decodePercent(header.slice(prefix.length));
    const values = into.get(key) ?? [];
    // Grown, not copied: one key can be %-encoded in many thousands of ways.
    for (const value of headerValues(headers, header)) values.push(value);
    into.set(key, values);
  }
}

function decodePercent(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
