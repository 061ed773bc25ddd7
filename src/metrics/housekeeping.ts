// Edge: what runs at a fixed cadence, by node-cron. The scrapes themselves do not: each node has a phase of its own.
//
// node-cron visits every time of day that it missed, at a fraction of a millisecond each. For a pattern that means every second, a clock that is set forward
// by a night would stop the program for as many seconds as it was hours. So each pattern names one minute of one day: beyond it there is nothing to visit.
import { schedule } from 'node-cron';
import type { Clock } from '../lib/clock.ts';
import type { Logger } from '../lib/logger.ts';
import { formatTimeSeconds } from '../lib/time.ts';

/** So long without a run means that the clock was set, and that node-cron waits for a time of day that is over or far away. */
const standstillMs = 5_000;
const minuteMs = 60_000;

export interface HousekeepingDeps {
  readonly clock: Clock;
  readonly logger: Logger;
}

/** Runs `task` at every full second, never twice at a time; returns a function that ends it. What node-cron has to say goes to `logger`. */
export function everySecond(task: () => void, { clock, logger }: HousekeepingDeps): () => void {
  const ended = new AbortController();
  let runs = 0;
  const minutes = new Minutes(() => {
    runs++;
    minutes.follow(clock.now());
    task();
  }, logger);
  minutes.follow(clock.now());
  const watch = async (): Promise<void> => {
    while (!ended.signal.aborted) {
      const runsBefore = runs;
      await clock.sleep(standstillMs, ended.signal);
      if (ended.signal.aborted || runs > runsBefore) continue;
      logger.warn('housekeeping stood still and begins anew; was the clock set?');
      minutes.end();
      minutes.follow(clock.now());
    }
  };
  void watch();
  return () => {
    ended.abort();
    minutes.end();
  };
}

/** Jobs for this minute and the next. */
class Minutes {
  readonly #task: () => void;
  readonly #logger: Logger;
  /** Minute since the epoch -> how to end its job. */
  readonly #jobs = new Map<number, () => void>();

  constructor(task: () => void, logger: Logger) {
    this.#task = task;
    this.#logger = logger;
  }

  follow(nowMs: number): void {
    const minute = Math.floor(nowMs / minuteMs);
    for (const [known, end] of this.#jobs) {
      if (known === minute || known === minute + 1) continue;
      end();
      this.#jobs.delete(known);
    }
    for (const wanted of [minute, minute + 1]) {
      if (!this.#jobs.has(wanted)) this.#jobs.set(wanted, startJob(secondsOf(wanted), this.#task, this.#logger));
    }
  }

  end(): void {
    for (const end of this.#jobs.values()) end();
    this.#jobs.clear();
  }
}

/** The seconds of a minute since the epoch, as a pattern in UTC. */
function secondsOf(minute: number): string {
  const [month, day, hour, minuteOfHour] = formatTimeSeconds(minute * minuteMs)
    .slice('2026-'.length)
    .split(/[-T:]/)
    .map(Number);
  return `* ${minuteOfHour} ${hour} ${day} ${month} *`;
}

function startJob(pattern: string, task: () => void, logger: Logger): () => void {
  const say = (level: 'debug' | 'info' | 'warn' | 'error') => (message: string | Error) =>
    logger[level]('node-cron', { message: String(message) });
  const job = schedule(pattern, task, {
    timezone: 'Etc/UTC',
    noOverlap: true,
    // A second that was missed under load is made up for by the next.
    suppressMissedWarning: true,
    logger: { debug: say('debug'), info: say('debug'), warn: say('warn'), error: say('error') },
  });
  return () => {
    void job.destroy();
  };
}
