// Pure: the integer arithmetic of Go on amd64, for decisions that must come out the same as upstream's.

const minInt32 = -2_147_483_648;
const maxInt32 = 2_147_483_647;
const minInt64 = -(2n ** 63n);
const twoTo63 = 2 ** 63;

/** `int32(f)` of a float64: cut toward zero; NaN and what does not fit become -2147483648 (CVTTSD2SL on amd64). */
export function toInt32(value: number): number {
  const whole = Math.trunc(value);
  return whole >= minInt32 && whole <= maxInt32 ? whole | 0 : minInt32;
}

/** `int64(f)` of a float64: cut toward zero; NaN and what does not fit become -2^63. */
export function toInt64(value: number): bigint {
  const whole = Math.trunc(value);
  return whole >= -twoTo63 && whole < twoTo63 ? BigInt(whole) : minInt64;
}

/** `int32(i)` of an integer: the low 32 bits, two's complement. */
export function wrapInt32(value: bigint): number {
  return Number(BigInt.asIntN(32, value));
}

/** What an int64 holds after an operation whose exact result is `value`: the low 64 bits, two's complement. */
export function wrapInt64(value: bigint): bigint {
  return BigInt.asIntN(64, value);
}
