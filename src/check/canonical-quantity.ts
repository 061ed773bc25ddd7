// Pure: the sign of a quantity, and the canonical text with which messages quote it (k8s.io/apimachinery pkg/api/resource).

export interface Quantity {
  readonly sign: -1 | 0 | 1;
  /** `-1500m` for -1.5, `-1k` for -1000, `-1Ki` for -1Ki. */
  readonly text: string;
}

const shape = /^([+-]?)([0-9]*)(?:\.([0-9]*))?([A-Za-z]*[-+]?[0-9]*)$/;
const decimalSuffixes = ['n', 'u', 'm', '', 'k', 'M', 'G', 'T', 'P', 'E'];
const binarySuffixes = ['', 'Ki', 'Mi', 'Gi', 'Ti', 'Pi', 'Ei'];
const nanos = 1_000_000_000n;
/** Beyond this a quantity is capped or unheard of; it keeps a hostile exponent from making a huge number. */
const maxExponent = 60;

/** Reads text that is known to be a quantity. */
export function readQuantity(text: string): Quantity {
  const [, minus = '', whole = '', fraction = '', suffix = ''] = shape.exec(text) ?? [];
  const magnitude = nanosOf(BigInt(whole + fraction || '0'), fraction.length, suffix);
  if (magnitude === 0n) return { sign: 0, text: '0' };
  const written = minus === '-' ? `-${magnitudeText(magnitude, suffix)}` : magnitudeText(magnitude, suffix);
  return { sign: minus === '-' ? -1 : 1, text: written };
}

/** Rounded away from zero to a nano, as upstream does. */
function nanosOf(digits: bigint, places: number, suffix: string): bigint {
  const binary = binarySuffixes.indexOf(suffix);
  const scaled = binary > 0 ? digits * 1024n ** BigInt(binary) : digits;
  const power = (binary > 0 ? 0 : exponentOf(suffix)) - places;
  const exponent = Math.max(-maxExponent, Math.min(power + 9, maxExponent));
  if (exponent >= 0) return scaled * 10n ** BigInt(exponent);
  const divisor = 10n ** BigInt(-exponent);
  return (scaled + divisor - 1n) / divisor;
}

function exponentOf(suffix: string): number {
  const index = decimalSuffixes.indexOf(suffix);
  return index === -1 ? Number(suffix.slice(1)) : (index - 3) * 3;
}

function magnitudeText(magnitude: bigint, suffix: string): string {
  const isWhole = magnitude % nanos === 0n;
  const isBinary = binarySuffixes.indexOf(suffix) > 0 && isWhole && magnitude >= 1024n * nanos;
  if (isBinary) return scaledText(magnitude / nanos, 1024n, (index) => binarySuffixes[index]);
  const isExponent = /^[eE][-+]?[0-9]/.test(suffix);
  return scaledText(magnitude, 1000n, (index) => {
    const exponent = (index - 3) * 3;
    if (isExponent && exponent !== 0) return `e${exponent}`;
    return decimalSuffixes[index];
  });
}

/** Divided by `base` while it goes evenly and a suffix is left. */
function scaledText(value: bigint, base: bigint, suffixOf: (index: number) => string | undefined): string {
  let rest = value;
  let index = 0;
  while (rest % base === 0n && suffixOf(index + 1) !== undefined) {
    rest /= base;
    index += 1;
  }
  return `${rest}${suffixOf(index) ?? ''}`;
}
