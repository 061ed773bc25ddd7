// Edge: what runs at a fixed cadence, by node-cron. The scrapes themselves do not: each node has a phase of its own.
import { schedule } from 'node-cron';
import type { Clock } from '../lib/clock.ts';
import type { Logger } from '../lib/logger.ts';

/** So long without a run means that node-cron waits for a time of day that the clock, when it was set back, took away from it. */
const standstillMs = 5_000;

/** Runs `task` at every full second, never twice at a time; returns a function that ends it. What node-cron has to say goes to `logger`. */
export function everySecond(
  task: () => void,
  { clock, logger }: { readonly clock: Clock; readonly logger: Logger },
): () => void {
  const ended = new AbortController();
  let runs = 0;
  const start = (): (() => void) =>
    startJob(() => {
      runs++;
      task();
    }, logger);
  let endJob = start();
  const watch = async (): Promise<void> => {
    while (!ended.signal.aborted) {
      const runsBefore = runs;
      await clock.sleep(standstillMs, ended.signal);
      if (ended.signal.aborted || runs > runsBefore) continue;
      logger.warn('housekeeping stood still and begins anew; was the clock set back?');
      endJob();
      endJob = start();
    }
  };
  void watch();
  return () => {
    ended.abort();
    endJob();
  };
}

function startJob(task: () => void, logger: Logger): () => void {
  const say = (level: 'debug' | 'info' | 'warn' | 'error') => (message: string | Error) =>
    logger[level]('node-cron', { message: String(message) });
  const job = schedule('* * * * * *', task, {
    noOverlap: true,
    // A second that was missed under load is made up for by the next.
    suppressMissedWarning: true,
    logger: { debug: say('debug'), info: say('debug'), warn: say('warn'), error: say('error') },
  });
  return () => {
    void job.destroy();
  };
}
