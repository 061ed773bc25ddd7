// Pure: a result -> the text or JSON that `headroom check` prints.
import { goQuote } from '../lib/go-quote.ts';
import type { CheckResult } from './check.ts';
import type { Finding } from './types.ts';

export interface ReportStyle {
  readonly color: boolean;
}

const escape = '\u001b';
const colors = { error: 31, warning: 33, ok: 32, advice: 2 } as const;

/** What could end a line or drive a terminal. Names come from the files, and so do some messages. */
const controls = /[\p{Cc}\p{Zl}\p{Zp}\p{Bidi_Control}]/gu;

/** One line per finding, as compilers print them, the advice below it; a summary at the end. */
export function textReport(result: CheckResult, { color }: ReportStyle): string {
  const paint = (name: keyof typeof colors, text: string): string =>
    color ? `${escape}[${colors[name]}m${text}${escape}[0m` : text;
  const lines = (finding: Finding): string[] => {
    const { file, at, severity, object, field, message, advice } = finding;
    const subject = [object, field].filter((part) => part !== '').map((part) => `${part}: `);
    return [
      `${oneLine(file)}:${at.line}:${at.column}: ${paint(severity, `${severity}:`)} ${oneLine(subject.join('') + message)}`,
      paint('advice', `    ${oneLine(advice)}`),
    ];
  };
  const autoscalers = result.autoscalers.flatMap(({ object, label, findings }) => {
    if (findings.length > 0) return findings.flatMap(lines);
    const { line, column } = object.root.at;
    return [`${oneLine(object.file)}:${line}:${column}: ${paint('ok', 'ok:')} ${oneLine(label)}`];
  });
  return [...autoscalers, ...result.others.flatMap(lines), ...skippedLines(result), summary(result), ''].join('\n');
}

function skippedLines({ skipped }: CheckResult): string[] {
  if (skipped.length === 0) return [];
  const names = skipped.map(({ object, label }) => `${label} (${object.file}:${object.root.at.line})`);
  return [oneLine(`skipped, being no autoscalers: ${names.join(', ')}`)];
}

/** Escaped as Go quotes. */
function oneLine(text: string): string {
  return text.replaceAll(controls, (char) => goQuote(char).slice(1, -1));
}

function summary({ autoscalers, others }: CheckResult): string {
  const invalid = autoscalers.filter(({ answer }) => answer !== undefined).length;
  const findings = [...autoscalers.flatMap((one) => one.findings), ...others];
  const warnings = findings.filter(({ severity }) => severity === 'warning').length;
  const unreadable = others.filter(({ severity }) => severity === 'error').length;
  const parts = [
    `${autoscalers.length - invalid} valid`,
    `${invalid} invalid`,
    `${warnings} ${warnings === 1 ? 'warning' : 'warnings'}`,
    ...(unreadable > 0 ? [`${unreadable} ${unreadable === 1 ? 'document' : 'documents'} unreadable`] : []),
  ];
  const count = autoscalers.length;
  return `${count} ${count === 1 ? 'autoscaler' : 'autoscalers'}: ${parts.join(', ')}`;
}

/** The same for programs; `answer` is the message that the API server gives to a refused object. */
export function jsonReport({ autoscalers, others, skipped }: CheckResult): string {
  const report = {
    autoscalers: autoscalers.map(({ object, answer, findings }) => ({
      file: object.file,
      line: object.root.at.line,
      apiVersion: object.apiVersion,
      kind: object.kind,
      namespace: object.namespace,
      name: object.name,
      valid: answer === undefined,
      ...(answer !== undefined && { answer }),
      findings: findings.map(jsonFinding),
    })),
    others: others.map(jsonFinding),
    skipped: skipped.map(({ object }) => ({
      file: object.file,
      line: object.root.at.line,
      apiVersion: object.apiVersion,
      kind: object.kind,
      name: object.name,
    })),
  };
  return `${JSON.stringify(report, null, 2)}\n`;
}

function jsonFinding({ severity, file, at, object, field, message, advice }: Finding): Record<string, unknown> {
  return { severity, file, line: at.line, column: at.column, object, field, message, advice };
}
