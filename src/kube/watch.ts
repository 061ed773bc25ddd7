// Edge: one watch request, as events.
import { errorMessage, HeadroomError } from '../lib/errors.ts';
import { acceptHeader, type Codecs, codecFor, type WatchEvent } from './codec.ts';
import type { ApiClient, ApiRequest } from './types.ts';

export interface WatchOptions<T> {
  readonly path: string;
  readonly query?: ApiRequest['query'];
  readonly codecs: Codecs<T>;
  /** Events after this one. */
  readonly resourceVersion: string;
  /** The server ends the watch after this long. */
  readonly timeoutSeconds: number;
  /** The connection is given up after this long without a byte; bookmarks come about once a minute. */
  readonly idleTimeoutMs: number;
  readonly signal: AbortSignal;
}

/**
 * Yields, for each chunk that arrives, the events that it completes; returns when the server ends the watch in good order.
 * Throws ApiStatusError for an ERROR event (410: the resourceVersion is too old), WatchCorrupted when what arrives is not a watch, and
 * HeadroomError API_REQUEST_FAILED when the connection breaks. An event cut in two by the end of the stream was never here: the next watch brings it again.
 */
export async function* watchEvents<T>(
  client: ApiClient,
  options: WatchOptions<T>,
): AsyncGenerator<WatchEvent<T>[], void, undefined> {
  const { path, query, codecs, resourceVersion, timeoutSeconds, idleTimeoutMs, signal } = options;
  const stream = await client.stream({
    method: 'GET',
    path,
    query: { ...query, watch: true, allowWatchBookmarks: true, resourceVersion, timeoutSeconds },
    accept: acceptHeader(codecs),
    idleTimeoutMs,
    signal,
    unthrottled: true,
  });
  yield [];
  const events = codecFor(codecs, stream.contentType).eventReader();
  try {
    for await (const chunk of stream) yield events.push(chunk);
  } catch (error) {
    if (error instanceof HeadroomError) throw error;
    throw new HeadroomError('API_REQUEST_FAILED', `GET ${path}: the watch broke: ${errorMessage(error)}`, {
      cause: error,
    });
  }
}
