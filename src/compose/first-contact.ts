// Flow: waits at the start until the API server answers. Ending instead would leave it to the kubelet's back-off, up to five minutes, to come back.
import { ApiStatusError } from '../kube/api-status-error.ts';
import { Backoff } from '../kube/backoff.ts';
import type { ApiClient } from '../kube/types.ts';
import type { Clock } from '../lib/clock.ts';
import { errorMessage, HeadroomError } from '../lib/errors.ts';
import type { Logger } from '../lib/logger.ts';

export interface FirstContactDeps {
  readonly clock: Clock;
  readonly logger: Logger;
  /** A number in [0, 1), for jitter. */
  readonly random?: () => number;
}

const deadlineMs = 10_000;
const repeatMs = 60_000;

/**
 * Resolves to true when the server has answered anything: a refusal is an answer too, and what it means is for others to say. Says what the problem is
 * when it changes, and once a minute. false when the signal aborted first.
 */
export async function awaitFirstContact(
  client: ApiClient,
  { clock, logger, random = Math.random }: FirstContactDeps,
  signal: AbortSignal,
): Promise<boolean> {
  const backoff = new Backoff({ initialMs: 250, maxMs: 5_000, random });
  const startedAtMs = clock.monotonic();
  let told = { problem: '', atMs: 0 };
  while (!signal.aborted) {
    try {
      await client.request({ method: 'GET', path: '/version', deadlineMs, signal, unthrottled: true });
      return true;
    } catch (error) {
      if (error instanceof ApiStatusError) return true;
      // What will not get better by waiting, such as a kubeconfig that makes no sense.
      if (error instanceof HeadroomError && error.code !== 'API_REQUEST_FAILED') throw error;
      const nowMs = clock.monotonic();
      const problem = errorMessage(error);
      if (!signal.aborted && (problem !== told.problem || nowMs - told.atMs >= repeatMs)) {
        told = { problem, atMs: nowMs };
        logger.warn('waiting for the API server', { forMs: Math.round(nowMs - startedAtMs), problem });
      }
    }
    await clock.sleep(backoff.next(), signal);
  }
  return false;
}

/** How long an API server that has just begun to answer may refuse what it will grant: it learns roles, accounts and ConfigMaps one after the other. */
const grantPatienceMs = 8_000;
const grantPollMs = 500;

/** What `read` resolves to; a refusal is asked about again for a while. Rejects with the last one when it was not taken back. */
export async function untilGranted<T>(
  read: () => Promise<T>,
  { clock, logger }: FirstContactDeps,
  signal: AbortSignal,
): Promise<T> {
  const givesUpAtMs = clock.monotonic() + grantPatienceMs;
  for (;;) {
    try {
      return await read();
    } catch (error) {
      const isOver = signal.aborted || clock.monotonic() >= givesUpAtMs;
      if (isOver || !(error instanceof ApiStatusError)) throw error;
      logger.debug('refused, asking again in case the API server has just started', { error });
    }
    await clock.sleep(grantPollMs, signal);
  }
}
