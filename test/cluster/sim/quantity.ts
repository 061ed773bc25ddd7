// Pure: Kubernetes quantities as plain numbers (cores, bytes). The simulation has its own few lines, so that a bug in the
// program's parser cannot hide behind the same bug in its test bed.

const multipliers: Readonly<Record<string, number>> = {
  '': 1,
  n: 1e-9,
  u: 1e-6,
  m: 1e-3,
  k: 1e3,
  M: 1e6,
  G: 1e9,
  T: 1e12,
  P: 1e15,
  Ki: 2 ** 10,
  Mi: 2 ** 20,
  Gi: 2 ** 30,
  Ti: 2 ** 40,
  Pi: 2 ** 50,
};

const form = /^(?<number>[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?)(?<suffix>[numkKMGTP]?i?)$/;

/** `250m` -> 0.25, `1Gi` -> 1073741824; undefined for anything that is not a quantity. */
export function parseQuantity(text: string): number | undefined {
  const groups = form.exec(text)?.groups;
  const multiplier = multipliers[groups?.['suffix'] ?? ''];
  if (groups?.['number'] === undefined || multiplier === undefined) return undefined;
  return Number(groups['number']) * multiplier;
}
