// Pure: what Go says of text that is no RFC 3339 time.
const layout = '2006-01-02T15:04:05Z07:00';

interface Part {
  /** As the layout writes it. */
  readonly name: string;
  readonly pattern: RegExp;
  readonly range?: { readonly what: string; readonly from: number; readonly to: number };
}

const parts: readonly Part[] = [
  { name: '2006', pattern: /^[0-9]{4}/ },
  { name: '-', pattern: /^-/ },
  { name: '01', pattern: /^[0-9]{2}/, range: { what: 'month', from: 1, to: 12 } },
  { name: '-', pattern: /^-/ },
  { name: '02', pattern: /^[0-9]{2}/ },
  { name: 'T', pattern: /^T/ },
  { name: '15', pattern: /^[0-9]{1,2}/, range: { what: 'hour', from: 0, to: 23 } },
  { name: ':', pattern: /^:/ },
  { name: '04', pattern: /^[0-9]{2}/, range: { what: 'minute', from: 0, to: 59 } },
  { name: ':', pattern: /^:/ },
  { name: '05', pattern: /^[0-9]{2}([.,][0-9]+)?/, range: { what: 'second', from: 0, to: 59 } },
  { name: 'Z07:00', pattern: /^(Z|[-+][0-9]{2}:[0-9]{2})/ },
];
/** Go lets offsets of a whole day and of a whole hour pass, because people write them. */
const [maxOffsetHours, maxOffsetMinutes] = [24, 60];

/** The message of time.Parse; undefined when the text is a time. */
export function timeProblem(text: string): string | undefined {
  const parsing = `parsing time ${quote(text)}`;
  let rest = text;
  for (const { name, pattern, range } of parts) {
    const [found] = pattern.exec(rest) ?? [];
    if (found === undefined) return `${parsing} as ${quote(layout)}: cannot parse ${quote(rest)} as ${quote(name)}`;
    rest = rest.slice(found.length);
    const value = Math.trunc(Number(found.replace(',', '.')));
    if (range !== undefined && (value < range.from || value > range.to))
      return `${parsing}: ${range.what} out of range`;
  }
  const offset = offsetProblem(text);
  if (offset !== undefined) return `${parsing}: ${offset} out of range`;
  if (rest !== '') return `${parsing}: extra text: ${quote(rest)}`;
  return isDayOfMonth(text) ? undefined : `${parsing}: day out of range`;
}

function isDayOfMonth(text: string): boolean {
  const [year = 0, month = 0, day = 0] = text.slice(0, 10).split('-').map(Number);
  const isLeap = (year % 4 === 0 && year % 100 !== 0) || year % 400 === 0;
  const days = [31, isLeap ? 29 : 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];
  return day >= 1 && day <= (days[month - 1] ?? 0);
}

function offsetProblem(text: string): string | undefined {
  const [, hours = '0', minutes = '0'] = /[-+]([0-9]{2}):([0-9]{2})/.exec(text) ?? [];
  if (Number(minutes) > maxOffsetMinutes) return 'time zone offset minute';
  return Number(hours) > maxOffsetHours ? 'time zone offset hour' : undefined;
}

/** Package time has quotes of its own: bytes beyond ASCII one by one. */
function quote(text: string): string {
  const escaped = text.replaceAll(/["\\]/g, '\\$&').replaceAll(/[^ -\u007f]/gu, (char) => {
    return Array.from(Buffer.from(char), (byte) => `\\x${byte.toString(16).padStart(2, '0')}`).join('');
  });
  return `"${escaped}"`;
}
