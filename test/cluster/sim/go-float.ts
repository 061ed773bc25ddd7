// Pure: numbers as a kubelet prints them: Go's strconv.AppendFloat(value, 'g', -1, 64), that is the shortest digits that
// read back the same, with an exponent (of at least two digits) below 1e-04 and from 1e+06 on.

/** `4.710169`, `1.25e+07`, `0`: a sample value as a kubelet prints it. */
export function goFloat(value: number): string {
  const magnitude = Math.abs(value);
  if (magnitude === 0 || (magnitude >= 1e-4 && magnitude < 1e6)) return String(value);
  return withExponent(value);
}

function withExponent(value: number): string {
  if (!Number.isFinite(value)) return Number.isNaN(value) ? 'NaN' : value > 0 ? '+Inf' : '-Inf';
  const text = value.toExponential();
  const sign = text.at(-2);
  // JavaScript writes 1e+7 where Go writes 1e+07.
  return sign === '+' || sign === '-' ? `${text.slice(0, -1)}0${text.at(-1)}` : text;
}
