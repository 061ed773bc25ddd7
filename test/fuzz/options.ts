// Pure: the flags of `npm run fuzz`.
import { parseArgs } from 'node:util';
import { wholeNumber } from '../support/flag-values.ts';

export const usage = `npm run fuzz -- [flags]
  --minutes N   how long; default 10
  --seed N      what is generated; default 1
  --only NAME   http, parser or schemathesis; default all: schemathesis for a minute, then the others together
`;

export type PartName = 'http' | 'parser' | 'schemathesis';

const partNames: readonly PartName[] = ['http', 'parser', 'schemathesis'];

export interface FuzzOptions {
  readonly durationMs: number;
  readonly seed: number;
  readonly parts: readonly PartName[];
}

/** A RangeError or TypeError tells what is wrong with the flags. */
export function parseOptions(argv: readonly string[]): FuzzOptions | 'help' {
  const { values } = parseArgs({
    args: [...argv],
    options: {
      minutes: { type: 'string', default: '10' },
      seed: { type: 'string', default: '1' },
      only: { type: 'string' },
      help: { type: 'boolean', default: false },
    },
  });
  if (values.help) return 'help';
  const minutes = Number(values.minutes);
  if (!(minutes > 0 && minutes <= 600))
    throw new RangeError(`--minutes must be above 0 and at most 600, not ${values.minutes}`);
  const seed = wholeNumber(values.seed, '--seed', 0);
  return { durationMs: minutes * 60_000, seed, parts: partsOf(values.only) };
}

function partsOf(only: string | undefined): readonly PartName[] {
  if (only === undefined) return partNames;
  const part = partNames.find((name) => name === only);
  if (part === undefined) throw new RangeError(`--only must be one of ${partNames.join(', ')}, not ${only}`);
  return [part];
}
