// Pure: the closing tables.
import type { FuzzOptions } from './options.ts';
import type { Tally } from './tally.ts';
import type { ClientFigures } from './watcher.ts';

export interface FuzzReport {
  readonly options: FuzzOptions;
  readonly tally: Tally;
  readonly phases: readonly { readonly phase: string; readonly clients: readonly ClientFigures[] }[];
  readonly peakBytes: number;
  /** Some time after. */
  readonly restBytes: number;
  readonly oldestSampleMs: number;
}

export function renderReport({ tally, phases, peakBytes, restBytes, oldestSampleMs }: FuzzReport): string {
  const inputs = tally.rows
    .toSorted((one, other) => one.kind.localeCompare(other.kind))
    .map(({ kind, inputs: count, outcomes }) => [kind, String(count), counts(outcomes)]);
  const watched = phases.flatMap(({ phase, clients }) =>
    clients.map(({ client, requests, statuses, p50Ms, p99Ms, maxMs }) => [
      phase,
      client === 'machine' ? '(lateness of timers)' : client,
      String(requests),
      client === 'machine' ? '' : counts(statuses),
      ...[p50Ms, p99Ms, maxMs].map((ms) => ms.toFixed(0)),
    ]),
  );
  const mebibytes = (bytes: number): string => `${(bytes / 1024 / 1024).toFixed(0)} MiB`;
  return [
    table(['input', 'count', 'outcomes'], inputs),
    table(['phase', 'well-behaved client', 'requests', 'statuses', 'p50 ms', 'p99 ms', 'max ms'], watched),
    `inputs ${tally.inputs}; memory at most ${mebibytes(peakBytes)}, at rest afterwards ${mebibytes(restBytes)}; ` +
      `oldest sample of a good node ${(oldestSampleMs / 1000).toFixed(1)} s`,
    tally.findings.length === 0
      ? 'no findings'
      : table(
          ['finding', 'times', 'what'],
          tally.findings.map(({ kind, what, count }) => [kind, String(count), what]),
        ),
    '',
  ].join('\n\n');
}

function counts(outcomes: ReadonlyMap<unknown, number>): string {
  return [...outcomes]
    .map(([outcome, count]) => `${count} ${outcome === 0 ? 'without answer' : String(outcome)}`)
    .join(', ');
}

function table(heading: readonly string[], rows: readonly (readonly string[])[]): string {
  const all = [heading, ...rows];
  const widths = heading.map((_, column) => Math.max(...all.map((row) => row[column]?.length ?? 0)));
  return all
    .map((row) =>
      row
        .map((cell, column) => cell.padEnd(widths[column] ?? 0))
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}
