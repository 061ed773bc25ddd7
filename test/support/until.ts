// Edge: waits in real time until something that another process or socket does has happened.
import { setTimeout as sleep } from 'node:timers/promises';

const defaultPollMs = 20;

/**
 * Asks again and again until the answer is neither false nor undefined, and returns it. An attempt that throws counts as
 * not yet; the last error is the cause of the time-out's.
 */
export async function until<T>(
  attempt: () => T | false | undefined | Promise<T | false | undefined>,
  timeoutMs: number = 20_000,
  pollMs: number = defaultPollMs,
): Promise<T> {
  const deadlineMs = Date.now() + timeoutMs;
  for (;;) {
    const failure = new Error(`not within ${timeoutMs} ms: ${attempt.toString()}`);
    try {
      const answer = await attempt();
      if (answer !== false && answer !== undefined) return answer;
    } catch (error) {
      failure.cause = error;
    }
    if (Date.now() > deadlineMs) throw failure;
    await sleep(pollMs);
  }
}
