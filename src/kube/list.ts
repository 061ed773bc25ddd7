// Edge: reads a complete list in pages, so that neither side ever holds all of it as text.
import { HeadroomError } from '../lib/errors.ts';
import { acceptHeader, type Codecs, codecFor, type Page } from './codec.ts';
import type { ApiClient, ApiRequest } from './types.ts';

export interface ListOptions<T> {
  readonly path: string;
  readonly query?: ApiRequest['query'];
  readonly codecs: Codecs<T>;
  readonly pageSize: number;
  /** For each page. */
  readonly deadlineMs: number;
  readonly signal: AbortSignal;
}

/**
 * The pages of a list. No resourceVersion is asked for: that means the most recent state, so a list never goes back behind what a watch
 * has already told (with `resourceVersion=0` it may, and a page limit would be ignored). While one page is worked on, the next is on its way.
 */
export async function* listPages<T>(
  client: ApiClient,
  options: ListOptions<T>,
): AsyncGenerator<Page<T>, void, undefined> {
  let coming: Promise<Page<T>> | undefined = requestPage(client, options, '');
  try {
    while (coming !== undefined) {
      const page: Page<T> = await coming;
      if (page.resourceVersion === '') {
        throw new HeadroomError(
          'OBJECT_INVALID',
          `GET ${options.path}: the answer is not a list: it has no metadata.resourceVersion`,
        );
      }
      coming = page.continueToken === '' ? undefined : requestPage(client, options, page.continueToken);
      yield page;
    }
  } finally {
    // Nobody waits any more for what is still on its way.
    coming?.catch(() => undefined);
  }
}

function requestPage<T>(client: ApiClient, options: ListOptions<T>, token: string): Promise<Page<T>> {
  const { path, query, codecs, pageSize, deadlineMs, signal } = options;
  return client.request({
    method: 'GET',
    path,
    query: { ...query, limit: pageSize, continue: token },
    accept: acceptHeader(codecs),
    decode: (body, contentType) => codecFor(codecs, contentType).readPage(body),
    deadlineMs,
    signal,
    unthrottled: token !== '',
  });
}
