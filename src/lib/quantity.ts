// Pure: Kubernetes quantities (`250m`, `1536Mi`, `12e3`), parsed and formatted as k8s.io/apimachinery pkg/api/resource does.

/** Text that is not a quantity. `message` is what apimachinery says. */
export class QuantityError extends Error {
  override readonly name = 'QuantityError';
}

/** An amount as apimachinery holds it: `unscaled` x 10^`exponent`. Its two forms round and overflow differently. */
interface Amount {
  readonly unscaled: bigint;
  readonly exponent: number;
  /** True for the arbitrary-precision form (inf.Dec), false for the int64 form. */
  readonly isBig: boolean;
}

interface Unit {
  readonly base: 2 | 10;
  readonly exponent: number;
}

const numberShape = /^([+-]?)0*([0-9]*)(?:\.([0-9]*))?/;
const suffixShape = /^[eEinumkKMGTP]*[-+]?[0-9]*$/;
const exponentShape = /^[eE]([-+]?[0-9]+)$/;

const decimalSuffixes = ['n', 'u', 'm', '', 'k', 'M', 'G', 'T', 'P', 'E'] as const;
const binarySuffixes = ['', 'Ki', 'Mi', 'Gi', 'Ti', 'Pi', 'Ei'] as const;
const nanoExponent = -9;
const milliExponent = -3;

const units: ReadonlyMap<string, Unit> = new Map([
  ...decimalSuffixes.map((suffix, index): [string, Unit] => [suffix, { base: 10, exponent: index * 3 + nanoExponent }]),
  ...binarySuffixes.slice(1).map((suffix, index): [string, Unit] => [suffix, { base: 2, exponent: (index + 1) * 10 }]),
]);

const maxInt64 = 2n ** 63n - 1n;
// Exponents this large give the same milli-value (0) and the same number (infinity) as any larger one.
const enoughExponent = 400;

/**
 * Milli-units of a quantity: ParseQuantity followed by MilliValue. A fraction of a milli-unit is rounded away from zero; what does
 * not fit in an int64 wraps or becomes 0 exactly as upstream (docs/decision-math.md, H-58). Throws QuantityError.
 */
export function parseQuantityMilli(text: string): bigint {
  const amount = parseAmount(text);
  return amount.isBig ? bigMilli(amount) : int64Milli(amount);
}

/** A quantity as a float64: Quantity.AsApproximateFloat64. Throws QuantityError. */
export function parseQuantityNumber(text: string): number {
  const { unscaled, exponent } = parseAmount(text);
  return exponent === 0 ? Number(unscaled) : Number(unscaled) * powerOfTen(exponent);
}

function parseAmount(text: string): Amount {
  if (text === '') throw wrongFormat();
  const [value = '', sign = '', whole = '', fraction = ''] = numberShape.exec(text) ?? [];
  const suffix = text.slice(value.length);
  if (!suffixShape.test(suffix)) throw wrongFormat();
  const unit = parseSuffix(suffix);
  const integer = whole === '' ? '0' : whole;
  const small = int64Amount(unit, integer, fraction);
  if (small !== undefined) return sign === '-' ? { ...small, unscaled: -small.unscaled } : small;
  // Upstream's second parser, unlike its first, wants at least one digit.
  if (!/[0-9]/.test(value)) throw new QuantityError('unable to parse numeric part of quantity');
  return bigAmount(unit, sign === '-', integer, fraction);
}

function wrongFormat(): QuantityError {
  return new QuantityError(
    "quantities must match the regular expression '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'",
  );
}

function parseSuffix(suffix: string): Unit {
  const unit = units.get(suffix);
  if (unit !== undefined) return unit;
  const digits = exponentShape.exec(suffix)?.[1];
  const exponent = digits === undefined ? undefined : parseBigInt(digits);
  if (exponent === undefined || exponent !== BigInt.asIntN(64, exponent)) {
    throw new QuantityError("unable to parse quantity's suffix");
  }
  return { base: 10, exponent: Number(BigInt.asIntN(32, exponent)) };
}

function parseBigInt(digits: string): bigint {
  return digits.startsWith('+') ? BigInt(digits.slice(1)) : BigInt(digits);
}

/** The int64 form when upstream takes it: few enough digits, nothing finer than a nano, no fraction of a binary unit. */
function int64Amount(unit: Unit, whole: string, fraction: string): Amount | undefined {
  const digits = whole.length + fraction.length;
  if (unit.base === 10) {
    const exponent = (unit.exponent - fraction.length) | 0;
    if (digits > 18 || exponent < nanoExponent) return undefined;
    return { unscaled: BigInt(whole + fraction), exponent, isBig: false };
  }
  if (fraction !== '' || 14 - digits - (unit.exponent * 3) / 10 < 0) return undefined;
  const unscaled = BigInt(whole) << BigInt(unit.exponent);
  return unscaled > maxInt64 ? undefined : { unscaled, exponent: 0, isBig: false };
}

/** The arbitrary-precision form: rounded away from zero to a nano; a binary quantity is capped at 2^63 - 1. */
function bigAmount(unit: Unit, negative: boolean, whole: string, fraction: string): Amount {
  const digits = BigInt(whole + fraction);
  const mantissa = unit.base === 2 ? digits << BigInt(unit.exponent) : digits;
  if (mantissa === 0n) return { unscaled: 0n, exponent: 0, isBig: true };
  const exponent = Math.min((unit.base === 10 ? unit.exponent : 0) - fraction.length, enoughExponent);
  const nanos = toNanos(mantissa, exponent);
  const capNanos = maxInt64 * 1_000_000_000n;
  const magnitude = unit.base === 2 && nanos > capNanos ? capNanos : nanos;
  return { unscaled: negative ? -magnitude : magnitude, exponent: nanoExponent, isBig: true };
}

/** A positive mantissa x 10^exponent in nanos, rounded up. */
function toNanos(mantissa: bigint, exponent: number): bigint {
  const shift = exponent - nanoExponent;
  if (shift >= 0) return mantissa * 10n ** BigInt(shift);
  // Fewer digits than places to drop: something between 0 and 1 nano, without computing a huge power.
  if (String(mantissa).length < -shift) return 1n;
  const divisor = 10n ** BigInt(-shift);
  return (mantissa + divisor - 1n) / divisor;
}

function int64Milli({ unscaled, exponent }: Amount): bigint {
  if (exponent < milliExponent) {
    const divisor = 10n ** BigInt(milliExponent - exponent);
    const up = unscaled < 0n ? 1n - divisor : divisor - 1n;
    return (unscaled + up) / divisor;
  }
  const shift = (exponent - milliExponent) | 0;
  if (shift <= 0 || unscaled === 0n) return unscaled;
  const milli = unscaled * 10n ** BigInt(Math.min(shift, 64));
  const wrapped = BigInt.asIntN(64, milli);
  // Upstream multiplies at once by the powers it has a constant for and wraps; by others step by step, and gives 0 on overflow.
  const wraps = shift <= 3 || shift === 6 || shift === 9;
  return wraps || wrapped === milli ? wrapped : 0n;
}

function bigMilli({ unscaled, exponent }: Amount): bigint {
  if (exponent === 0) return 0n;
  const microsOfMilli = 1_000_000n;
  // Below 2^63 - 1 nanos, negative ones included, upstream computes in int64 and adds 1 for a remainder of either sign.
  const nanos = unscaled < maxInt64 ? truncateInt64(unscaled) : unscaled;
  const quotient = nanos / microsOfMilli;
  return truncateInt64(nanos % microsOfMilli === 0n ? quotient : quotient + 1n);
}

/** big.Int.Int64: the low 64 bits. */
function truncateInt64(value: bigint): bigint {
  return BigInt.asIntN(64, value);
}

/** math.Pow10: two table look-ups multiplied, so powers above 10^31 may differ from the literal in the last bit. */
function powerOfTen(exponent: number): number {
  if (exponent < 0) return Number(`1e${exponent}`);
  if (exponent > 308) return Number.POSITIVE_INFINITY;
  const low = exponent % 32;
  return Number(`1e${exponent - low}`) * Number(`1e${low}`);
}

/** Canonical text of `milli` milli-units in DecimalSI: `90m`, `1500m`, `2`, `0` (docs/decision-math.md, H-86). `milli` fits an int64. */
export function formatDecimalMilli(milli: bigint): string {
  return decimalText(milli, decimalSuffixes.indexOf('m'));
}

/**
 * Canonical text of `milli` milli-units in BinarySI: `100Mi` when whole and divisible by 1024, plain digits when whole, and the decimal form
 * below 1024 in magnitude or with a fraction (docs/decision-math.md, H-86). `milli` fits an int64.
 */
export function formatBinaryMilli(milli: bigint): string {
  const whole = milli / 1000n;
  const isFraction = milli % 1000n !== 0n;
  if (isFraction || (whole > -1024n && whole < 1024n)) return formatDecimalMilli(milli);
  return binaryText(whole);
}

function decimalText(value: bigint, suffixIndex: number): string {
  if (value === 0n) return '0';
  let rest = value;
  let index = suffixIndex;
  while (rest % 1000n === 0n && index < decimalSuffixes.length - 1) {
    rest /= 1000n;
    index += 1;
  }
  return `${rest}${decimalSuffixes[index]}`;
}

function binaryText(value: bigint): string {
  let rest = value;
  let index = 0;
  while (rest % 1024n === 0n && index < binarySuffixes.length - 1) {
    rest /= 1024n;
    index += 1;
  }
  return `${rest}${binarySuffixes[index]}`;
}

/**
 * Canonical text of an amount of CPU, in nano-cores (docs/metrics-math.md, M-74): `0`, `1500n`, `250m`, `2`. `nanoCores` is an integer >= 0.
 * Called once per container and sample, so safe integers never become bigints.
 */
export function formatNanoCores(nanoCores: number): string {
  if (nanoCores === 0) return '0';
  if (!Number.isSafeInteger(nanoCores)) return decimalText(clipUint64(nanoCores), 0);
  return decimalTextOfSafe(nanoCores, 0);
}

/**
 * Canonical text of an amount of memory, in bytes (docs/metrics-math.md, M-75): `1023`, `1Ki`, `1536Ki`, `1025`; below 1024 the decimal rule
 * (`1k`). `bytes` is an integer >= 0. Called once per container and sample, so safe integers never become bigints.
 */
export function formatBytes(bytes: number): string {
  if (bytes < 1024) return bytes === 0 ? '0' : decimalTextOfSafe(bytes, decimalSuffixes.indexOf(''));
  if (!Number.isSafeInteger(bytes)) return binaryText(clipUint64(bytes));
  let rest = bytes;
  let index = 0;
  // Dividing by 1024 is exact in floating point, and cheaper than a remainder beyond 2^31.
  for (let next = rest / 1024; next === Math.floor(next); next /= 1024) {
    rest = next;
    index += 1;
  }
  return `${rest}${binarySuffixes[index]}`;
}

function decimalTextOfSafe(value: number, suffixIndex: number): string {
  let rest = value;
  let index = suffixIndex;
  while (rest % 1000 === 0) {
    rest /= 1000;
    index += 1;
  }
  return `${rest}${decimalSuffixes[index]}`;
}

/** metrics-server keeps a uint64 beyond int64 as a tenth of it, which costs the last digit. */
function clipUint64(value: number): bigint {
  const exact = BigInt(value);
  return exact > maxInt64 ? (exact / 10n) * 10n : exact;
}

/** Where an amount is written without a string being made of it. */
export interface AmountSink {
  /** The digits of a safe integer >= 0. */
  integer(value: number): void;
  text(text: string): void;
}

/** Writes what `formatNanoCores` returns. */
export function putNanoCores(nanoCores: number, sink: AmountSink): void {
  if (nanoCores % 1000 === 0 || !Number.isSafeInteger(nanoCores)) {
    sink.text(formatNanoCores(nanoCores));
    return;
  }
  sink.integer(nanoCores);
  sink.text('n');
}

/** Writes what `formatBytes` returns. */
export function putBytes(bytes: number, sink: AmountSink): void {
  if (bytes < 1024 || !Number.isSafeInteger(bytes)) {
    sink.text(formatBytes(bytes));
    return;
  }
  let rest = bytes;
  let index = 0;
  for (let next = rest / 1024; next === Math.floor(next); next /= 1024) {
    rest = next;
    index += 1;
  }
  sink.integer(rest);
  sink.text(binarySuffixes[index] ?? '');
}
