// Edge: what runs at a fixed cadence, by node-cron. The scrapes themselves do not: each node has a phase of its own.
import { schedule } from 'node-cron';

/** Runs `task` at every full second, never twice at a time; returns a function that ends it. */
export function everySecond(task: () => void): () => void {
  const job = schedule('* * * * * *', task, { noOverlap: true });
  return () => {
    void job.destroy();
  };
}
