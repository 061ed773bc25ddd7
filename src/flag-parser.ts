// Pure: argv -> values of the flag table, as pflag reads them, with every mistake at once.
import { type Flag, flagAliases, flagTable, type InertFlag, inertFlags } from './flag-table.ts';
import { parseDurationMs } from './lib/duration.ts';
import { errorMessage } from './lib/errors.ts';

type Table = typeof flagTable;
type FlagsOf<S> = S extends Readonly<Record<string, unknown>> ? { -readonly [K in keyof S]: S[K] } : never;
type UnionToIntersection<U> = (U extends unknown ? (u: U) => void : never) extends (i: infer I) => void ? I : never;
type AllFlags = UnionToIntersection<{ [S in keyof Table]: FlagsOf<Table[S]> }[keyof Table]>;
type ValueOf<F> = F extends { type: 'boolean' }
  ? boolean
  : F extends { type: 'integer' | 'number' | 'duration' }
    ? number
    : F extends { type: 'list' }
      ? readonly string[]
      : F extends { type: 'gates'; default: infer D }
        ? Readonly<Record<keyof D, boolean>>
        : F extends { type: 'choice'; choices: readonly (infer C)[] }
          ? C
          : string;

/** Value of every flag by name. Durations are milliseconds. */
export type FlagValues = { readonly [K in keyof AllFlags]: ValueOf<AllFlags[K]> };

type FlagValue = string | boolean | number | readonly string[] | Readonly<Record<string, boolean>>;

export interface ParsedFlags {
  readonly values: FlagValues;
  /** One sentence per mistake, each with the flag's name. Values of wrong flags are their defaults. */
  readonly mistakes: readonly string[];
  /** Flags that were given and do nothing here. */
  readonly warnings: readonly string[];
  readonly help: boolean;
  readonly version: boolean;
}

const flags: ReadonlyMap<string, Flag> = new Map(
  Object.values(flagTable).flatMap((section): [string, Flag][] => Object.entries(section)),
);

interface Reading {
  readonly given: Map<string, FlagValue>;
  readonly mistakes: string[];
  readonly warnings: string[];
  help: boolean;
  version: boolean;
}

/**
 * Reads argv (without node and script). Accepts `--name=value`, `--name value`, `--switch`, `-v 4`, `-v=4`; lists are
 * comma separated and add up when repeated; otherwise the last one wins.
 */
export function parseFlags(argv: readonly string[]): ParsedFlags {
  const reading: Reading = { given: new Map(), mistakes: [], warnings: [], help: false, version: false };
  for (let index = 0; index < argv.length; index++) {
    const argument = argv[index] ?? '';
    const match = /^--?([A-Za-z][A-Za-z0-9-]*)(?:=([\s\S]*))?$/.exec(argument);
    if (match === null) {
      reading.mistakes.push(`unexpected argument ${JSON.stringify(argument)}: only flags are accepted (see --help)`);
      continue;
    }
    const [, typed = '', attached] = match;
    const name = (Object.hasOwn(flagAliases, typed) ? flagAliases[typed] : undefined) ?? typed;
    const flag = flags.get(name);
    const usesNext = attached === undefined && takesValue(name, flag);
    if (usesNext) index++;
    const text = usesNext ? argv[index] : attached;
    if (flag === undefined) readSpecial(reading, name, text);
    else readFlag(reading, name, flag, text);
  }
  const { given, ...rest } = reading;
  return { values: completeValues(given), ...rest };
}

/** A boolean flag has its value attached, or none. */
function takesValue(name: string, flag: Flag | undefined): boolean {
  return flag === undefined ? (inert(name)?.takesValue ?? false) : flag.type !== 'boolean';
}

function inert(name: string): InertFlag | undefined {
  return Object.hasOwn(inertFlags, name) ? inertFlags[name] : undefined;
}

/** Names that are not in the table: help, version, flags without effect here, mistakes. */
function readSpecial(reading: Reading, name: string, text: string | undefined): void {
  const ignored = inert(name);
  if (name === 'help' || name === 'h') reading.help = true;
  else if (name === 'version') reading.version = true;
  else if (ignored !== undefined) {
    if (ignored.takesValue && text === undefined) reading.mistakes.push(`flag needs an argument: --${name}`);
    reading.warnings.push(`--${name} has no effect: ${ignored.why}`);
  } else {
    const close = [...flags.keys()].find((known) => isClose(known, name));
    reading.mistakes.push(`unknown flag: --${name}${close === undefined ? '' : ` (did you mean --${close}?)`}`);
  }
}

function readFlag({ given, mistakes }: Reading, name: string, flag: Flag, text: string | undefined): void {
  if (text === undefined && flag.type !== 'boolean') {
    mistakes.push(`flag needs an argument: --${name}`);
    return;
  }
  try {
    given.set(name, readValue(flag, text ?? 'true', given.get(name)));
  } catch (error) {
    mistakes.push(`invalid argument ${JSON.stringify(text)} for --${name}: ${errorMessage(error)}`);
  }
}

function readValue(flag: Flag, text: string, earlier: FlagValue | undefined): FlagValue {
  switch (flag.type) {
    case 'string':
      return text;
    case 'boolean':
      return readBoolean(text);
    case 'integer':
    case 'number':
      return readNumber(flag.type, text);
    case 'duration':
      return parseDurationMs(text);
    case 'list':
      return [...(isList(earlier) ? earlier : []), ...readItems(text, flag.onePerFlag === true)];
    case 'gates':
      return { ...(isGates(earlier) ? earlier : {}), ...readGates(text, flag.default) };
    case 'choice':
      if (!flag.choices.includes(text)) throw new Error(`must be one of ${flag.choices.filter(Boolean).join(', ')}`);
      return text;
    default:
      throw new Error(`BUG: unknown flag type ${JSON.stringify(flag satisfies never)}`);
  }
}

function readItems(text: string, isOne: boolean): readonly string[] {
  return (isOne ? [text] : text.split(',')).filter((item) => item !== '');
}

function isList(value: FlagValue | undefined): value is readonly string[] {
  return Array.isArray(value);
}

function isGates(value: FlagValue | undefined): value is Readonly<Record<string, boolean>> {
  return typeof value === 'object' && !isList(value);
}

function readNumber(type: 'integer' | 'number', text: string): number {
  if (type === 'integer' && !/^[+-]?\d+$/.test(text)) throw new Error('must be a whole number');
  if (text.trim() === '' || !Number.isFinite(Number(text))) throw new Error('must be a number');
  return Number(text);
}

function readBoolean(text: string): boolean {
  if (/^(1|t|T|true|TRUE|True)$/.test(text)) return true;
  if (/^(0|f|F|false|FALSE|False)$/.test(text)) return false;
  throw new Error('must be true or false');
}

function readGates(text: string, known: Readonly<Record<string, boolean>>): Record<string, boolean> {
  const gates: Record<string, boolean> = {};
  for (const pair of text.split(',').filter((item) => item !== '')) {
    const [name = '', value] = pair.split('=');
    if (value === undefined) throw new Error(`missing bool value for ${name}`);
    if (!Object.hasOwn(known, name))
      throw new Error(`unrecognized feature gate: ${name}; known: ${Object.keys(known).join(', ')}`);
    gates[name] = readBoolean(value);
  }
  return gates;
}

/** Given values over defaults. The cast is the one place where the table's types and its values meet. */
function completeValues(given: ReadonlyMap<string, FlagValue>): FlagValues {
  const values: Record<string, FlagValue> = {};
  for (const [name, flag] of flags) {
    const value = given.get(name);
    if (flag.type === 'gates') values[name] = { ...flag.default, ...(isGates(value) ? value : {}) };
    else values[name] = value ?? (flag.type === 'duration' ? parseDurationMs(flag.default) : flag.default);
  }
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- every flag of the table was just given a value of its type
  return values as unknown as FlagValues;
}

/** One letter too many, too few, wrong or swapped. */
function isClose(known: string, typed: string): boolean {
  if (Math.abs(known.length - typed.length) > 1) return false;
  let start = 0;
  while (start < known.length && known[start] === typed[start]) start++;
  const [a, b] = [known.slice(start), typed.slice(start)];
  return a.slice(1) === b || a === b.slice(1) || a.slice(1) === b.slice(1) || a.slice(2) === b.slice(2);
}

/** The text of `--help`. */
export function helpText(): string {
  const lines = [
    'Headroom serves the Metrics API of a Kubernetes cluster and scales its workloads, in one process.',
    '',
    'Usage: headroom [flags]',
    '       headroom check [flags] FILE...   tells whether autoscalers in manifests are valid; see headroom check --help',
  ];
  for (const [section, entries] of Object.entries(flagTable)) {
    lines.push('', `${section}:`);
    for (const [name, flag] of Object.entries<Flag>(entries)) {
      lines.push(
        `  ${name.length === 1 ? '-' : '--'}${name} ${flagTypeText(flag)}`,
        `      ${flag.help}${defaultText(flag)}`,
      );
    }
  }
  lines.push('', '  --version', '      Print the version and exit.', '  --help', '      Print this text and exit.', '');
  return lines.join('\n');
}

/** How the value of a flag is written: `duration`, `a|b|c`, … */
export function flagTypeText(flag: Flag): string {
  switch (flag.type) {
    case 'choice':
      return flag.choices.filter(Boolean).join('|');
    case 'gates':
      return 'A=true,…';
    case 'list':
      return flag.onePerFlag === true ? 'text, repeatable' : 'a,b,…';
    case 'boolean':
    case 'string':
    case 'integer':
    case 'number':
    case 'duration':
      return flag.type;
    default:
      throw new Error(`BUG: unknown flag type ${JSON.stringify(flag satisfies never)}`);
  }
}

/** A flag's default as a person would write it; '' when empty. */
export function flagDefaultText(flag: Flag): string {
  if (flag.type === 'list') return flag.default.join(',');
  if (flag.type === 'gates')
    return Object.entries(flag.default)
      .map(([gate, on]) => `${gate}=${on}`)
      .join(',');
  return String(flag.default);
}

function defaultText(flag: Flag): string {
  const text = flagDefaultText(flag);
  return text === '' ? '' : ` (default ${text})`;
}
