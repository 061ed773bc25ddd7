// Edge: one watch request, as events.
import { errorMessage, HeadroomError } from '../lib/errors.ts';
import { acceptHeader, type Codecs, codecFor, type WatchEvent } from './codec.ts';
import type { ApiClient, ApiRequest } from './types.ts';

export interface WatchOptions<T> {
  readonly path: string;
  readonly query?: ApiRequest['query'];
  readonly codecs: Codecs<T>;
  /** Events after this one. undefined: first the most recent state of all, as ADDED events, up to the bookmark that ends them. */
  readonly resourceVersion: string | undefined;
  /** Time until the server begins to answer; ApiRequest has the default. */
  readonly deadlineMs?: number | undefined;
  /** The server ends the watch after this long. */
  readonly timeoutSeconds: number;
  /** The connection is given up after this long without a byte; bookmarks come about once a minute. */
  readonly idleTimeoutMs: number;
  readonly signal: AbortSignal;
}

/** KEP-3157. Beside it no resourceVersion means the most recent state, as in a list. */
const streamingList = { sendInitialEvents: true, resourceVersionMatch: 'NotOlderThan' } as const;

/**
 * Yields nothing at first, when the server has begun to answer, then, for each chunk that arrives, the events that it completes; returns when the server ends the watch in good order.
 * Throws ApiStatusError for an ERROR event (410: the resourceVersion is too old), WatchCorrupted when what arrives is not a watch, and
 * HeadroomError API_REQUEST_FAILED when the connection breaks. An event cut in two by the end of the stream was never here: the next watch brings it again.
 */
export async function* watchEvents<T>(
  client: ApiClient,
  options: WatchOptions<T>,
): AsyncGenerator<WatchEvent<T>[], void, undefined> {
  const { path, query, codecs, resourceVersion, timeoutSeconds, deadlineMs, idleTimeoutMs, signal } = options;
  const isStreamingList = resourceVersion === undefined;
  const from = isStreamingList ? streamingList : { resourceVersion };
  const stream = await client.stream({
    method: 'GET',
    path,
    query: { ...query, watch: true, allowWatchBookmarks: true, ...from, timeoutSeconds },
    accept: acceptHeader(codecs),
    deadlineMs,
    idleTimeoutMs,
    signal,
    // A streaming list is paid for as the first page of a list is.
    unthrottled: !isStreamingList,
  });
  yield [];
  const events = codecFor(codecs, stream.contentType).eventReader();
  try {
    for await (const chunk of stream) {
      const complete = events.push(chunk);
      // The API server sends an event in two chunks; passing on nothing for the first would cost as much again.
      if (complete.length > 0) yield complete;
    }
  } catch (error) {
    if (error instanceof HeadroomError) throw error;
    throw new HeadroomError('API_REQUEST_FAILED', `GET ${path}: the watch broke: ${errorMessage(error)}`, {
      cause: error,
    });
  }
}
