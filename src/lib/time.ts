// Edge: timestamps of Kubernetes objects to milliseconds and back. The only place that parses and formats dates.

const rfc3339 = /^(\d{4})-(\d{2})-(\d{2})T(?:[01]\d|2[0-3]):\d{2}:\d{2}(?:\.\d+)?(?:Z|[+-]\d{2}:\d{2})$/;

/**
 * Milliseconds since the epoch of an RFC 3339 timestamp (metav1.Time, metav1.MicroTime; any number of fraction digits, cut to
 * milliseconds). undefined for a missing timestamp and for text that is none: a bad object must not stop a watch.
 */
export function parseTimeMs(text: string | null | undefined): number | undefined {
  if (text === null || text === undefined) return undefined;
  const parts = rfc3339.exec(text);
  if (parts === null) return undefined;
  if (Number(parts[3]) > daysInMonth(Number(parts[1]), Number(parts[2]))) return undefined;
  const ms = Date.parse(text);
  return Number.isNaN(ms) ? undefined : ms;
}

/** `2026-11-21T11:00:56Z`, cut to whole seconds: metav1.Time on the wire. */
export function formatTimeSeconds(ms: number): string {
  return `${new Date(ms).toISOString().slice(0, -5)}Z`;
}

/** `2026-11-21T11:00:56.000Z`, cut to milliseconds: for log lines. */
export function formatTimeMillis(ms: number): string {
  return new Date(ms).toISOString();
}

/** `2026-11-21T11:00:56.000000Z`, cut to microseconds: metav1.MicroTime on the wire (Leases). */
export function formatTimeMicros(ms: number): string {
  const wholeMs = Math.floor(ms);
  const micros = Math.floor((ms - wholeMs) * 1000);
  return `${new Date(wholeMs).toISOString().slice(0, -1)}${String(micros).padStart(3, '0')}Z`;
}

/** Date.parse rolls 30 February over into March; Go refuses it, and so do we. */
function daysInMonth(year: number, month: number): number {
  if (month === 2) return year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0) ? 29 : 28;
  return month === 4 || month === 6 || month === 9 || month === 11 ? 30 : 31;
}
