// Pure: the command line of `headroom check`.
import { parseArgs } from 'node:util';
import { errorMessage } from '../lib/errors.ts';
import { goQuote } from '../lib/go-quote.ts';
import { dnsLabelProblems } from './name-rules.ts';

export interface CheckArguments {
  /** Files, folders, and `-` for standard input. */
  readonly paths: readonly string[];
  readonly namespace: string;
  readonly output: 'text' | 'json';
  readonly recursive: boolean;
  readonly failOnWarnings: boolean;
  readonly scaleToZero: boolean;
}

export type CheckCommand =
  | { readonly kind: 'check'; readonly arguments: CheckArguments }
  | { readonly kind: 'help' }
  | { readonly kind: 'refuse'; readonly mistakes: readonly string[] };

export const checkHelp = `Tells whether the API server would admit the autoscalers in manifests, and which of them make no sense. Needs no cluster.

Usage: headroom check [flags] FILE...

  FILE is a file of YAML or JSON, a folder of them, or - for standard input.

  -f, --filename FILE
      The same as FILE without the flag, for fingers used to kubectl.
  -R, --recursive
      Look into folders inside folders.
  -n, --namespace string
      Where objects are that name no namespace. (default default)
  -o, --output text|json
      For people or for programs. (default text)
  --feature-gates HPAScaleToZero=true|false
      As the API server has it: whether minReplicas may be 0. (default HPAScaleToZero=false)
  --fail-on-warnings
      Exit with 1 for warnings too.
  -h, --help
      Print this text and exit.

Exit code: 0 all autoscalers are valid, 1 some are not, 2 a file could not be read or the command line is wrong.
`;

export function readArguments(argv: readonly string[]): CheckCommand {
  try {
    const { values, positionals } = parse(argv);
    return values.help === true ? { kind: 'help' } : readValues(values, positionals);
  } catch (error) {
    return { kind: 'refuse', mistakes: [errorMessage(error)] };
  }
}

function readValues(values: ReturnType<typeof parse>['values'], positionals: readonly string[]): CheckCommand {
  const mistakes: string[] = [];
  const { filename = [], output = 'text', namespace = 'default', recursive = false } = values;
  if (output !== 'text' && output !== 'json') mistakes.push(`--output: must be text or json, not ${output}`);
  mistakes.push(...dnsLabelProblems(namespace).map((problem) => `--namespace: ${goQuote(namespace)}: ${problem}`));
  const scaleToZero = readGates(values['feature-gates'] ?? '', mistakes);
  const paths = [...filename, ...positionals];
  if (paths.length === 0) mistakes.push('name a file, a folder, or - for standard input');
  if (mistakes.length > 0) return { kind: 'refuse', mistakes };
  return {
    kind: 'check',
    arguments: {
      paths,
      namespace,
      output: output === 'json' ? 'json' : 'text',
      recursive,
      failOnWarnings: values['fail-on-warnings'] ?? false,
      scaleToZero,
    },
  };
}

function parse(argv: readonly string[]) {
  return parseArgs({
    args: [...argv],
    allowPositionals: true,
    options: {
      filename: { type: 'string', short: 'f', multiple: true },
      recursive: { type: 'boolean', short: 'R' },
      namespace: { type: 'string', short: 'n' },
      output: { type: 'string', short: 'o' },
      'feature-gates': { type: 'string' },
      'fail-on-warnings': { type: 'boolean' },
      help: { type: 'boolean', short: 'h' },
    },
  });
}

/** Gates that have nothing to do with validation are taken, so that the API server's own list can be given. */
function readGates(gates: string, mistakes: string[]): boolean {
  let scaleToZero = false;
  for (const pair of gates.split(',').filter((part) => part !== '')) {
    const [name = '', value = ''] = pair.split('=');
    if (value !== 'true' && value !== 'false') mistakes.push(`--feature-gates: ${name} must be true or false`);
    if (name === 'HPAScaleToZero') scaleToZero = value === 'true';
  }
  return scaleToZero;
}
