// Pure: how often each warning and each error stands in Headroom's log.

/** Count by `LEVEL message`. */
export type LogCounts = Readonly<Record<string, number>>;

const linePattern = /^\d{4}-\S+Z (?<level>[A-Z]+) +(?<message>.*?)(?: [\w.]+=.*)?$/;

/** Of lines as --logging-format=text writes them. Whatever else stands there counts too: a crash speaks like that. */
export function countProblems(log: string): LogCounts {
  const counts: Record<string, number> = {};
  for (const line of log.split('\n')) {
    const problem = problemOf(line);
    if (problem !== undefined) counts[problem] = (counts[problem] ?? 0) + 1;
  }
  return counts;
}

function problemOf(line: string): string | undefined {
  if (line.trim() === '') return undefined;
  const parts = linePattern.exec(line)?.groups;
  if (parts === undefined) return `not of the logger: ${line.slice(0, 200)}`;
  const { level, message } = parts;
  return level === 'WARN' || level === 'ERROR' ? `${level} ${message}` : undefined;
}
