// Pure: the flags of `npm run parity:hpa`.
import { parseArgs } from 'node:util';
import { wholeNumber } from '../../support/flag-values.ts';

export const usage = `npm run parity:hpa -- [flags]
  --seed N     what is generated; default 1
  --hpas M     how many HPAs; default 300
  --steps S    how many steps after the first look; default 8
  --quick      60 HPAs and 2 steps with shorter periods, about two minutes; --hpas and --steps win
  --kind K     what Headroom scales by: hpa (default), or hra for HeadroomAutoscalers with the same specs
  --self       the reference against itself: what is left is the noise of the method
  --out FILE   where the report goes as JSON, and with differences FILE.A.log and FILE.B.log; default none
`;

export type AutoscalerKind = 'hpa' | 'hra';

export interface ParityOptions {
  readonly seed: number;
  readonly hpas: number;
  readonly steps: number;
  readonly quick: boolean;
  /** Of Headroom's autoscalers. */
  readonly kind: AutoscalerKind;
  readonly self: boolean;
  readonly out: string | undefined;
}

/** A RangeError or TypeError tells what is wrong with the flags. */
export function parseOptions(argv: readonly string[]): ParityOptions | 'help' {
  const { values } = parseArgs({
    args: [...argv],
    options: {
      seed: { type: 'string', default: '1' },
      hpas: { type: 'string' },
      steps: { type: 'string' },
      quick: { type: 'boolean', default: false },
      kind: { type: 'string', default: 'hpa' },
      self: { type: 'boolean', default: false },
      out: { type: 'string' },
      help: { type: 'boolean', default: false },
    },
  });
  if (values.help) return 'help';
  return {
    seed: wholeNumber(values.seed, '--seed', 0),
    hpas: wholeNumber(values.hpas ?? (values.quick ? '60' : '300'), '--hpas', 1),
    steps: wholeNumber(values.steps ?? (values.quick ? '2' : '8'), '--steps', 0),
    quick: values.quick,
    kind: kindOf(values.kind),
    self: values.self,
    out: values.out,
  };
}

function kindOf(text: string): AutoscalerKind {
  if (text !== 'hpa' && text !== 'hra') throw new RangeError(`--kind must be hpa or hra, not ${text}`);
  return text;
}
