// Edge: one review (TokenReview, SubjectAccessReview) posted to the API server, with a deadline and a few tries.
import type { Clock } from '../lib/clock.ts';
import { HeadroomError } from '../lib/errors.ts';
import type { ApiClient } from './types.ts';

const timeoutMs = 10_000;
const attempts = 5;
const firstDelayMs = 500;
const delayFactor = 1.5;

export interface ReviewCall {
  readonly client: ApiClient;
  readonly clock: Clock;
}

/**
 * Posts a review and returns the answer. All tries together have 10 s; callers are never part of the deadline, because one call may serve
 * many of them. Tries again only when the API server said that later may be better, or cut the connection (docs/metrics-api.md, M-97).
 */
export async function postReview<T>({ client, clock }: ReviewCall, path: string, body: unknown): Promise<T> {
  const signal = clock.deadline(timeoutMs);
  let delayMs = firstDelayMs;
  for (let attempt = 1; ; attempt++) {
    try {
      return await client.request<T>({ method: 'POST', path, body, signal });
    } catch (error) {
      if (attempt === attempts || signal.aborted || !mayPass(error)) throw error;
    }
    await clock.sleep(delayMs, signal);
    delayMs *= delayFactor;
  }
}

function mayPass(error: unknown): boolean {
  if (!(error instanceof HeadroomError) || !error.retryable) return false;
  return error.code === 'API_STATUS' || isConnectionCut(error.cause);
}

/** A kept-alive connection that the server closed under us. A refused connection is not: nobody is there. */
function isConnectionCut(cause: unknown): boolean {
  if (!(cause instanceof Error)) return false;
  if ('code' in cause && (cause.code === 'ECONNRESET' || cause.code === 'UND_ERR_SOCKET')) return true;
  return isConnectionCut(cause.cause);
}
