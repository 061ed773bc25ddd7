// Pure: texts that are quantities, nearly are, or are not, for record.ts to ask a real API server about.
import { Dice } from '../hpa/dice.ts';

/** How a quantity is sent: as a JSON string, or as a bare JSON number. */
export interface QuantityText {
  readonly text: string;
  readonly bare: boolean;
}

const suffixes = ['', 'n', 'u', 'm', 'k', 'M', 'G', 'T', 'P', 'E', 'Ki', 'Mi', 'Gi', 'Ti', 'Pi', 'Ei'] as const;
const exponents = ['e0', 'e1', 'e-2', 'E3', 'e+6', 'e-9', 'e-10', 'e18', 'E19', 'e400', 'e-400'] as const;

/** Each with every suffix and exponent: zero, signs, digits left out, and both sides of every edge. */
const numbers = words(`
  0 -0 1 -1 +1 007 1. .5 -.5 1.50 0.0005 -0.0015 999 1000 -1001 1023 1024 1536 2048.5 123456789.987654321
  0.000000001 0.0000000001 -0.0000000019
  99999999999999 999999999999999 999999999999999999 1000000000000000000
  9223372036854775807 -9223372036854775808 9223372036854775808 123456789012345678901234567890`);

/**
 * Wrong in as many ways as come to mind; some are right after all. Exponents of more than three digits stay out unless they wrap to
 * small ones: the API server computes with the whole power of ten, for minutes.
 */
const oddities = words(`
  . + - +. -. .. 1.. 1.2.3 --1 +-1 1- 1+ Ki m e3 .e3 .Ki -Ki .m 1e 1E+ 1e- 1e1.5 1ee3 1e3e3 1e3m 1Ee3
  1ki 1K 1KI 1mi 1MI 1g 1GI 1t 1p 1ei 1EI 1Em 1mE 1mm 1MM 1Mim 1iK 1ni 1ui 1i 1Kim 1e3Ki 1Z 1Zi 1Y 1R 1B 1MB 1MiB 1c 1x
  0x10 0b1 1_000 1,5 1,000 ١ １ ½ 1µ 1μ 1U 1N NaN Inf -Inf nil true 1/2 50%
  1e4294967296 1e9223372036854775807 1e9223372036854775808 1e-9223372036854775809 1e+003 1E-0 1E0003 1e+-3 1e0x3
  00000000000000000001 00000000000000000000.1 0.00000000000000000001 1.000000000000000000000 1.0000000000000000000001
  0.0Ki 0.5Ki 0.1Ki 0.3Mi 1.5Gi -1.5Gi 0.0001Ki 7.9999Ei 8Ei -8Ei 8191Pi 8192Pi 16Ei
  1e3Mi 12E3 1.5e3 1.5E3 15e-1 100e-3 100E-3 0.1e-8 1e-8n 1En 1e3k`);
const withSpace = ['', '1 ', ' 1', '1 Gi', '1\u00a0', '1e 3'];

/** As JSON numbers, which a manifest in YAML makes of what has no quotes. */
const bareNumbers = words(`
  0 -0 1 -1 0.1 0.5 1.5 -2.25 1e3 1E3 1e-3 15e-1 1e21 1.5e-7 100
  0.0000000001 9007199254740993 9223372036854775807 9223372036854775808 123456789012345678901234567890`);

const seed = 1;
const randomTexts = 300;

/** Some 1,400 texts, the same at each call. None twice. */
export function quantityTexts(): readonly QuantityText[] {
  const made = numbers.flatMap((number) => [...suffixes, ...exponents].map((suffix) => number + suffix));
  const quoted = new Set([...oddities, ...withSpace, ...made, ...throwTexts()]);
  return [...[...quoted].map((text) => ({ text, bare: false })), ...bareNumbers.map((text) => ({ text, bare: true }))];
}

function throwTexts(): readonly string[] {
  const dice = new Dice(seed, 'quantities');
  return Array.from({ length: randomTexts }, () => throwText(dice));
}

/** Sign, digits, point, digits, suffix; one in six with a character that may not belong there. */
function throwText(dice: Dice): string {
  const sign = dice.pick('', '', '', '-', '+');
  const fraction = dice.chance(50) ? `.${digits(dice, 12)}` : '';
  const suffix = dice.chance(70)
    ? dice.pick(...suffixes)
    : dice.pick('e', 'E') + dice.pick('', '-', '+') + dice.int(0, 20);
  const text = `${sign}${digits(dice, 21)}${fraction}${suffix}`;
  if (!dice.chance(16)) return text;
  const place = dice.int(0, text.length);
  return text.slice(0, place) + dice.pick('.', '-', 'e', 'i', 'K', '0', ' ', 'x') + text.slice(place);
}

function digits(dice: Dice, atMost: number): string {
  return Array.from({ length: dice.int(0, atMost) }, () => dice.int(0, 9)).join('');
}

function words(text: string): readonly string[] {
  return text.trim().split(/\s+/);
}
