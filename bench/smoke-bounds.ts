// Pure: what the smallest benchmark holds against bounds, as lines for people.
export interface Bound {
  readonly what: string;
  readonly value: number;
  readonly atMost: number;
}

export function renderBounds(bounds: readonly Bound[]): string {
  const width = Math.max(...bounds.map(({ what }) => what.length));
  return bounds
    .map(({ what, value, atMost }) => {
      const verdict = value <= atMost ? 'holds' : 'BROKEN';
      return `${what.padEnd(width)}  ${value.toFixed(2).padStart(6)}  at most ${atMost.toFixed(2)}  ${verdict}`;
    })
    .join('\n');
}
