// Pure: durations in the text form of Go (`1h30m`, `15.004s`), as flags, CRD fields and the Metrics API's `window` write them.

/** Text that is not a Go duration. `message` is what Go's time.ParseDuration says. */
export class DurationError extends Error {
  override readonly name = 'DurationError';
}

const nanosPerUnit: ReadonlyMap<string, bigint> = new Map([
  ['ns', 1n],
  ['us', 1_000n],
  ['\u00b5s', 1_000n], // micro sign
  ['\u03bcs', 1_000n], // Greek mu
  ['ms', 1_000_000n],
  ['s', 1_000_000_000n],
  ['m', 60_000_000_000n],
  ['h', 3_600_000_000_000n],
]);

const nanosPerSecond = 1_000_000_000;
const twoTo63 = 2n ** 63n;
// One term: digits, an optional fraction, and everything up to the next digit or dot as its unit.
const term = /([0-9]*)(?:\.([0-9]*))?([^0-9.]*)/y;

/** Nanoseconds of a Go duration. Exact up to 2^53 ns (104 days), the nearest number beyond. Throws DurationError. */
export function parseDurationNs(text: string): number {
  return Number(parseNanos(text));
}

/** Milliseconds of a Go duration; fractional when it is finer than that. Throws DurationError. */
export function parseDurationMs(text: string): number {
  return parseDurationNs(text) / 1e6;
}

function parseNanos(text: string): bigint {
  const negative = text.startsWith('-');
  const unsigned = text.replace(/^[-+]/, '');
  if (unsigned === '0') return 0n;
  if (unsigned === '') throw invalid(text);
  let nanos = 0n;
  for (let at = 0; at < unsigned.length; at = term.lastIndex) {
    term.lastIndex = at;
    nanos = BigInt.asUintN(64, nanos + termNanos(text, term.exec(unsigned)));
    if (nanos > twoTo63) throw invalid(text);
  }
  if (!negative && nanos === twoTo63) throw invalid(text);
  return negative ? -nanos : nanos;
}

/** One term's nanoseconds; its fraction is weighed in floating point, as Go does. */
function termNanos(text: string, parts: RegExpExecArray | null): bigint {
  const [, whole = '', fraction = '', unit = ''] = parts ?? [];
  if (whole === '' && fraction === '') throw invalid(text);
  const count = BigInt(whole);
  if (count > twoTo63) throw invalid(text);
  if (unit === '') throw new DurationError(`time: missing unit in duration ${quote(text)}`);
  const unitNanos = nanosPerUnit.get(unit);
  if (unitNanos === undefined) throw new DurationError(`time: unknown unit ${quote(unit)} in duration ${quote(text)}`);
  if (count > twoTo63 / unitNanos) throw invalid(text);
  const nanos = count * unitNanos + fractionNanos(fraction, unitNanos);
  if (nanos > twoTo63) throw invalid(text);
  return nanos;
}

/** Digits beyond what fits in 63 bits are dropped. */
function fractionNanos(fraction: string, unitNanos: bigint): bigint {
  let digits = 0n;
  let scale = 1;
  for (const digit of fraction) {
    const next = digits * 10n + BigInt(digit);
    if (digits > (twoTo63 - 1n) / 10n || next > twoTo63) break;
    digits = next;
    scale *= 10;
  }
  return BigInt(Math.trunc(Number(digits) * (Number(unitNanos) / scale)));
}

function invalid(text: string): DurationError {
  return new DurationError(`time: invalid duration ${quote(text)}`);
}

/** Quotes as package time does: bytes that are not printable ASCII as \xNN. */
function quote(text: string): string {
  const escaped = Array.from(text, (char) => {
    if (char === '"' || char === '\\') return `\\${char}`;
    if (char >= ' ' && char < '\u0080') return char;
    return Array.from(new TextEncoder().encode(char), (byte) => `\\x${byte.toString(16).padStart(2, '0')}`).join('');
  });
  return `"${escaped.join('')}"`;
}

/**
 * The text of a duration of `ns` nanoseconds, as Go's Duration.String writes it (docs/metrics-math.md, M-73): `0s`, `1.5ms`,
 * `15.004s`, `1m0s`, `1h0m0s`. `ns` is an integer; pass a bigint beyond 2^53.
 */
export function formatDuration(ns: number | bigint): string {
  if (ns < 0) return `-${formatDuration(-ns)}`;
  if (ns < nanosPerSecond) return formatBelowSecond(Number(ns));
  const wholeSeconds = typeof ns === 'bigint' ? Number(ns / BigInt(nanosPerSecond)) : Math.floor(ns / nanosPerSecond);
  const nanos = typeof ns === 'bigint' ? Number(ns % BigInt(nanosPerSecond)) : ns % nanosPerSecond;
  const seconds = `${wholeSeconds % 60}${fractionDigits(nanos, 9)}s`;
  const wholeMinutes = Math.floor(wholeSeconds / 60);
  if (wholeMinutes === 0) return seconds;
  const hours = Math.floor(wholeMinutes / 60);
  return hours === 0 ? `${wholeMinutes}m${seconds}` : `${hours}h${wholeMinutes % 60}m${seconds}`;
}

function formatBelowSecond(ns: number): string {
  if (ns === 0) return '0s';
  if (ns < 1e3) return `${ns}ns`;
  if (ns < 1e6) return `${Math.floor(ns / 1e3)}${fractionDigits(ns % 1e3, 3)}\u00b5s`;
  return `${Math.floor(ns / 1e6)}${fractionDigits(ns % 1e6, 6)}ms`;
}

/** `.5` for 500 of 3 digits; empty for 0. */
function fractionDigits(part: number, digits: number): string {
  if (part === 0) return '';
  let end = digits;
  let rest = part;
  while (rest % 10 === 0) {
    rest /= 10;
    end -= 1;
  }
  return `.${String(rest).padStart(end, '0')}`;
}
