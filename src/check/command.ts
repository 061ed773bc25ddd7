// Flow: `headroom check`: arguments -> files -> findings -> report -> exit code.
import { checkHelp, readArguments } from './arguments.ts';
import { check } from './check.ts';
import { readFiles } from './files.ts';
import { jsonReport, textReport } from './report.ts';

export interface CheckTerminal {
  readonly stdin: NodeJS.ReadableStream;
  readonly color: boolean;
  out(text: string): void;
  err(text: string): void;
}

/** Resolves with the exit code: 0 all valid, 1 something is not, 2 something could not be read. */
export async function runCheck(argv: readonly string[], terminal: CheckTerminal): Promise<0 | 1 | 2> {
  const command = readArguments(argv);
  switch (command.kind) {
    case 'help':
      terminal.out(checkHelp);
      return 0;
    case 'refuse':
      complain(terminal, command.mistakes);
      return 2;
    case 'check': {
      const { paths, recursive, output, failOnWarnings, ...settings } = command.arguments;
      const { files, mistakes } = await readFiles(paths, { recursive, stdin: terminal.stdin });
      const result = check(files, settings);
      terminal.out(output === 'json' ? jsonReport(result) : textReport(result, terminal));
      complain(terminal, mistakes);
      if (mistakes.length > 0) return 2;
      const findings = [...result.autoscalers.flatMap((one) => one.findings), ...result.others];
      return findings.some(({ severity }) => severity === 'error' || failOnWarnings) ? 1 : 0;
    }
  }
}

function complain(terminal: CheckTerminal, mistakes: readonly string[]): void {
  for (const mistake of mistakes) terminal.err(`headroom check: ${mistake}\n`);
}
