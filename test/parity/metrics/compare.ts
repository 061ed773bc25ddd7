// Pure: two answers to one question -> what differs.
import type { Normal } from './normalize.ts';

export interface Difference {
  /** `status`, `header x` or `body`; of kubectl `exit code`, `stdout` or `stderr`. */
  readonly field: string;
  readonly a: string;
  readonly b: string;
}

export function compareAnswers(a: Normal, b: Normal): readonly Difference[] {
  const names = new Set([...Object.keys(a.headers), ...Object.keys(b.headers)]);
  const differences: Difference[] = [];
  const compare = (field: string, left: string, right: string): void => {
    if (left !== right) differences.push({ field, a: left, b: right });
  };
  compare('status', String(a.status), String(b.status));
  for (const name of names) compare(`header ${name}`, a.headers[name] ?? '<none>', b.headers[name] ?? '<none>');
  compare('body', a.body, b.body);
  return differences;
}

const aroundChars = 160;

/** The text from shortly before the first difference on, so that a report shows where two long ones part. */
export function excerpts({ a, b }: Difference): readonly [string, string] {
  let same = 0;
  while (same < a.length && a[same] === b[same]) same++;
  const from = Math.max(0, same - aroundChars / 2);
  const cut = (text: string): string => {
    const part = text.slice(from, from + 2 * aroundChars);
    return `${from > 0 ? '…' : ''}${part}${from + 2 * aroundChars < text.length ? '…' : ''}`;
  };
  return [cut(a), cut(b)];
}
