// Pure: the events that kube-controller-manager says it reported, from its log. Not all of them are written: its recorder drops some when the API
// server is slow, and of too many about one object.

export interface ReportedEvent {
  /** namespace/name of the HPA. */
  readonly hpa: string;
  readonly atMs: number;
  readonly type: string;
  readonly reason: string;
  readonly message: string;
}

/** For --vmodule. */
export const eventVerbosity = 'event=3';

const line =
  /^I(\d\d)(\d\d) (\d\d):(\d\d):(\d\d)\.\d+ .*\] "Event occurred" (?:logger="[^"]*" )?object="([^"]+)" .*? type="(\w+)" reason="(\w+)" message=("(?:[^"\\]|\\.)*")$/gm;

/** `year`: the log's own times lack it. They are this machine's local times. */
export function parseReportedEvents(log: string, year: number): readonly ReportedEvent[] {
  return [...log.matchAll(line)].map((match) => {
    const [month = 0, day = 0, hours = 0, minutes = 0, seconds = 0] = match.slice(1, 6).map(Number);
    const [hpa = '', type = '', reason = '', quoted = '""'] = match.slice(6);
    const atMs = new Date(year, month - 1, day, hours, minutes, seconds).getTime();
    return { hpa, atMs, type, reason, message: JSON.parse(quoted) as string };
  });
}
