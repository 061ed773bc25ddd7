// Edge: what runs at a fixed cadence, by node-cron. The scrapes themselves do not: each node has a phase of its own.
import { schedule } from 'node-cron';
import type { Logger } from '../lib/logger.ts';

/** Runs `task` at every full second, never twice at a time; returns a function that ends it. What node-cron has to say goes to `logger`. */
export function everySecond(task: () => void, logger: Logger): () => void {
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
