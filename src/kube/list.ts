// Edge: reads a complete list in pages, so that neither side ever holds all of it as text.
import { HeadroomError } from '../lib/errors.ts';
import { arrayOf, fieldsOf, textOf } from './raw-object.ts';
import type { ApiClient, ApiRequest } from './types.ts';

export interface ListOptions {
  readonly path: string;
  readonly query?: ApiRequest['query'];
  readonly pageSize: number;
  /** For each page. */
  readonly deadlineMs: number;
  readonly signal: AbortSignal;
}

export interface Page {
  readonly items: readonly unknown[];
  /** Of the whole list; the same on each page. */
  readonly resourceVersion: string;
}

/**
 * The pages of a list. No resourceVersion is asked for: that means the most recent state, so a list never goes back behind what a watch
 * has already told (with `resourceVersion=0` it may, and a page limit would be ignored).
 */
export async function* listPages(client: ApiClient, options: ListOptions): AsyncGenerator<Page, void, undefined> {
  const { path, query, pageSize, deadlineMs, signal } = options;
  let token: string | undefined;
  do {
    const body: unknown = await client.request({
      method: 'GET',
      path,
      query: { ...query, limit: pageSize, continue: token },
      deadlineMs,
      signal,
      unthrottled: token !== undefined,
    });
    const metadata = fieldsOf(fieldsOf(body)['metadata']);
    const resourceVersion = textOf(metadata['resourceVersion']);
    if (resourceVersion === '') {
      throw new HeadroomError(
        'OBJECT_INVALID',
        `GET ${path}: the answer is not a list: it has no metadata.resourceVersion`,
      );
    }
    yield { items: arrayOf(fieldsOf(body)['items']), resourceVersion };
    token = textOf(metadata['continue']);
  } while (token !== '');
}
