// Pure: named health checks and how their outcome is told (docs/metrics-api.md, M-44 to M-48).

export interface HealthCheck {
  readonly name: string;
  /** What is wrong; undefined when nothing is. Told only at the check's own path, which needs permission. */
  check(): string | undefined;
}

/** Facts about the rest of the program, asked at each request. */
export interface HealthProbes {
  /** At least one node and one pod have a usage. */
  hasUsages(): boolean;
  nodesSynced(): boolean;
  podsSynced(): boolean;
  /** No scrape is overdue. */
  isCollectionTimely(): boolean;
}

export const healthEndpoints = ['readyz', 'livez', 'healthz'] as const;

type HealthEndpoint = (typeof healthEndpoints)[number];

export type HealthChecks = Readonly<Record<HealthEndpoint, readonly HealthCheck[]>>;

export interface HealthText {
  readonly code: 200 | 500;
  readonly text: string;
}

/** The checks of each endpoint, in the order they are listed. */
export function createHealthChecks(probes: HealthProbes, isShuttingDown: () => boolean): HealthChecks {
  const check = (name: string, isWell: () => boolean, problem: string): HealthCheck => ({
    name,
    check: () => (isWell() ? undefined : problem),
  });
  const ping = check('ping', () => true, '');
  const stored = check('metric-storage-ready', () => probes.hasUsages(), 'no metrics to serve');
  const informers: HealthCheck = {
    name: 'metric-informer-sync',
    check: () => {
      if (!probes.nodesSynced()) return 'cache for node informer has not synced';
      return probes.podsSynced() ? undefined : 'cache for pod informer has not synced';
    },
  };
  // metrics-server has these checks, and cannot fail the last ones once it listens; the names stay for those who look for them. A log that blocks
  // us blocks these answers, too: nothing is kept to be written later.
  const log = check('log', () => true, '');
  const metadata = check('metadata-informer-sync', () => true, '');
  const hooks = ['max-in-flight-filter', 'storage-object-count-tracker-hook'].map((hook) =>
    check(`poststarthook/${hook}`, () => true, ''),
  );
  const timely = check(
    'metric-collection-timely',
    () => probes.isCollectionTimely(),
    "metric collection didn't finish on time",
  );
  const shutdown = check('shutdown', () => !isShuttingDown(), 'process is shutting down');
  return {
    readyz: [ping, log, ...hooks, stored, informers, metadata, shutdown],
    livez: [ping, log, ...hooks, timely, metadata],
    healthz: [ping, log, ...hooks, metadata],
  };
}

/** The answer of a whole endpoint. A failure always lists the checks, and never says why: the path is open to everybody. */
export function summarize(
  endpoint: HealthEndpoint,
  checks: readonly HealthCheck[],
  query: URLSearchParams,
): HealthText {
  const excluded = new Set(query.getAll('exclude'));
  const outcomes = checks.map((health) => {
    const { name } = health;
    if (excluded.has(name)) return { failed: false, line: `[+]${name} excluded: ok\n` };
    return health.check() === undefined
      ? { failed: false, line: `[+]${name} ok\n` }
      : { failed: true, line: `[-]${name} failed: reason withheld\n` };
  });
  const lines = outcomes.map(({ line }) => line).join('') + unknownExclusions(checks, excluded);
  if (outcomes.some(({ failed }) => failed)) return { code: 500, text: `${lines}${endpoint} check failed\n` };
  return { code: 200, text: query.has('verbose') ? `${lines}${endpoint} check passed\n` : 'ok' };
}

function unknownExclusions(checks: readonly HealthCheck[], excluded: ReadonlySet<string>): string {
  const unknown = [...excluded].filter((name) => !checks.some((check) => check.name === name)).toSorted();
  if (unknown.length === 0) return '';
  const names = unknown.map((name) => JSON.stringify(name)).join(',');
  return `warn: some health checks cannot be excluded: no matches for ${names}\n`;
}

/** The answer of one check. */
export function summarizeOne(health: HealthCheck): HealthText {
  const problem = health.check();
  return problem === undefined ? { code: 200, text: 'ok' } : { code: 500, text: `internal server error: ${problem}\n` };
}
