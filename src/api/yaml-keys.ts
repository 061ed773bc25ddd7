// Pure: the order of keys in YAML, as go-yaml sorts them: like people, so that `a2` comes before `a10`, and signs before letters.

const letter = /^\p{L}$/u;
const digit = /^\p{Nd}$/u;

/** Negative, zero or positive, for sorting. */
export function compareKeys(a: string, b: string): number {
  const [left, right] = [Array.from(a), Array.from(b)];
  const length = Math.min(left.length, right.length);
  for (let at = 0; at < length; at++) {
    if (left[at] !== right[at]) return compareAt(left, right, at);
  }
  return left.length - right.length;
}

/** At the first character that differs. */
function compareAt(left: readonly string[], right: readonly string[], at: number): number {
  const [a = '', b = ''] = [left[at], right[at]];
  const [aIsLetter, bIsLetter] = [letter.test(a), letter.test(b)];
  if (aIsLetter !== bIsLetter) return bIsLetter ? -1 : 1;
  return (aIsLetter ? 0 : compareNumbers(left, right, at)) || (a.codePointAt(0) ?? 0) - (b.codePointAt(0) ?? 0);
}

function compareNumbers(left: readonly string[], right: readonly string[], at: number): number {
  // A zero counts only behind a digit that is none, as in 10 and 1.
  const hasZero = left[at] === '0' || right[at] === '0';
  const lead = hasZero && followsNumber(left, at) ? '1' : '';
  const [a, b] = [digitsFrom(left, at), digitsFrom(right, at)];
  const [aValue, bValue] = [wrapped(lead + a), wrapped(lead + b)];
  if (aValue !== bValue) return aValue < bValue ? -1 : 1;
  return a.length - b.length;
}

function followsNumber(text: readonly string[], at: number): boolean {
  for (let before = at - 1; before >= 0 && digit.test(text[before] ?? ''); before--) {
    if (text[before] !== '0') return true;
  }
  return false;
}

function digitsFrom(text: readonly string[], at: number): string {
  let end = at;
  while (end < text.length && digit.test(text[end] ?? '')) end++;
  return text.slice(at, end).join('');
}

/** As the reference counts, in 64 bits. */
function wrapped(digits: string): bigint {
  return /^[0-9]+$/.test(digits) ? BigInt.asIntN(64, BigInt(digits)) : 0n;
}
