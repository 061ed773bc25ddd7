// Pure: the flags of `npm run parity:metrics`.
import { parseArgs } from 'node:util';
import { wholeNumber } from '../../support/flag-values.ts';

export const usage = `npm run parity:metrics -- [flags]
  --seed N     what is generated; default 1
  --quick      three steps and fewer pods, about a minute
  --self       the reference against itself: what is left is the noise of the method
  --out FILE   where the report goes as JSON; default none
`;

export interface ParityOptions {
  readonly seed: number;
  readonly quick: boolean;
  readonly self: boolean;
  readonly out: string | undefined;
}

/** A RangeError or TypeError tells what is wrong with the flags. */
export function parseOptions(argv: readonly string[]): ParityOptions | 'help' {
  const { values } = parseArgs({
    args: [...argv],
    options: {
      seed: { type: 'string', default: '1' },
      quick: { type: 'boolean', default: false },
      self: { type: 'boolean', default: false },
      out: { type: 'string' },
      help: { type: 'boolean', default: false },
    },
  });
  if (values.help) return 'help';
  const seed = wholeNumber(values.seed, '--seed', 0);
  return { seed, quick: values.quick, self: values.self, out: values.out };
}
