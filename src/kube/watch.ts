// Edge: one watch request, as events.
import { errorMessage, HeadroomError } from '../lib/errors.ts';
import { ApiStatusError, readStatus } from './api-status-error.ts';
import { LineSplitter } from './line-splitter.ts';
import { fieldsOf, textOf } from './raw-object.ts';
import type { ApiClient, ApiRequest } from './types.ts';

export interface WatchOptions {
  readonly path: string;
  readonly query?: ApiRequest['query'];
  /** Events after this one. */
  readonly resourceVersion: string;
  /** The server ends the watch after this long. */
  readonly timeoutSeconds: number;
  /** The connection is given up after this long without a byte; bookmarks come about once a minute. */
  readonly idleTimeoutMs: number;
  readonly signal: AbortSignal;
}

export interface WatchEvent {
  readonly type: 'ADDED' | 'MODIFIED' | 'DELETED' | 'BOOKMARK';
  readonly object: unknown;
}

/**
 * Yields, for each chunk that arrives, the events that it completes; returns when the server ends the watch in good order.
 * Throws ApiStatusError for an ERROR event (410: the resourceVersion is too old), and HeadroomError API_REQUEST_FAILED when the connection
 * breaks or what arrives is not a watch. An event cut in two by the end of the stream was never here: the next watch brings it again.
 */
export async function* watchEvents(
  client: ApiClient,
  options: WatchOptions,
): AsyncGenerator<WatchEvent[], void, undefined> {
  const { path, query, resourceVersion, timeoutSeconds, idleTimeoutMs, signal } = options;
  const stream = await client.stream({
    method: 'GET',
    path,
    query: { ...query, watch: true, allowWatchBookmarks: true, resourceVersion, timeoutSeconds },
    idleTimeoutMs,
    signal,
    unthrottled: true,
  });
  yield [];
  const splitter = new LineSplitter();
  try {
    for await (const chunk of stream) yield splitter.push(chunk).map(parseEvent);
  } catch (error) {
    if (error instanceof HeadroomError) throw error;
    throw new HeadroomError('API_REQUEST_FAILED', `GET ${path}: the watch broke: ${errorMessage(error)}`, {
      cause: error,
    });
  }
}

function parseEvent(line: string): WatchEvent {
  const { type, object } = fieldsOf(parseJson(line));
  switch (type) {
    case 'ADDED':
    case 'MODIFIED':
    case 'DELETED':
    case 'BOOKMARK':
      return { type, object };
    case 'ERROR':
      throw new ApiStatusError(readStatus(object));
    default:
      throw new WatchCorrupted(`an event has the type "${textOf(type)}"`);
  }
}

function parseJson(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch (error) {
    throw new WatchCorrupted(`a line is not JSON: ${errorMessage(error)}`);
  }
}

/** What arrives is no watch. Which change it hid is unknown, so only a new list helps. */
export class WatchCorrupted extends HeadroomError {
  override readonly name = 'WatchCorrupted';

  constructor(message: string) {
    super('OBJECT_INVALID', `the watch is corrupted: ${message}`);
  }
}
