// Edge: one GET of a kubelet's /metrics/resource, from target to bytes.
import { gunzipSync } from 'node:zlib';
import type { Dispatcher } from 'undici';
import { errorMessage, HeadroomError } from '../lib/errors.ts';
import { type Body, type BodyBuffers, bodyTooLarge } from './body-buffers.ts';
import type { KubeletTarget } from './kubelet-address.ts';

export interface KubeletClientSettings {
  readonly userAgent: string;
  /**
   * Ask for gzip. Off, a node costs 10 to 20 KB of network per scrape; on, the kubelet pays the compression and we 20 µs of inflating.
   * A compressed body is understood in any case.
   */
  readonly acceptGzip: boolean;
  /** The largest body after decompression. */
  readonly maxBodyBytes: number;
}

export interface KubeletClientDeps {
  /** The connections to use now. */
  readonly dispatcher: () => Promise<Dispatcher>;
  readonly buffers: BodyBuffers;
  /** The bearer token to send now, or undefined for none. Never asked for, and so never sent, over plain http. */
  readonly token: () => Promise<string | undefined>;
  readonly settings: KubeletClientSettings;
}

/** Fetches one exposition. `consume` gets the body, a view that is valid only during the call; what it returns is returned. */
export type FetchExposition = <T>(
  target: KubeletTarget,
  signal: AbortSignal,
  consume: (body: Uint8Array) => T,
) => Promise<T>;

/**
 * Throws HeadroomError: KUBELET_REQUEST when nothing, or a status other than 200, came back before the signal aborted; KUBELET_BODY when the body
 * was too large or could not be decompressed. Redirects are such a status: the token goes nowhere but to the node's own address.
 * There is no Accept header, so that every kubelet answers its text format.
 */
export function createKubeletClient(deps: KubeletClientDeps): FetchExposition {
  const { settings, buffers } = deps;
  return async (target, signal, consume) => {
    const token = target.origin.startsWith('https:') ? await deps.token() : undefined;
    const dispatcher = await deps.dispatcher();
    const headers: Record<string, string> = { 'user-agent': settings.userAgent };
    if (settings.acceptGzip) headers['accept-encoding'] = 'gzip';
    if (token !== undefined) headers['authorization'] = `Bearer ${token}`;
    const body = buffers.open();
    try {
      const encoding = await receive(dispatcher, { ...target, method: 'GET', headers }, body, signal);
      return consume(decoded(body.bytes(), encoding, settings.maxBodyBytes));
    } catch (error) {
      throw asHeadroomError(error);
    } finally {
      body.release();
    }
  };
}

/** Sends the request and appends the answer to `body`; returns its content encoding, '' for none. */
function receive(
  dispatcher: Dispatcher,
  request: Dispatcher.DispatchOptions,
  body: Body,
  signal: AbortSignal,
): Promise<string> {
  const { promise, resolve, reject } = Promise.withResolvers<string>();
  let encoding = '';
  let controller: Dispatcher.DispatchController | undefined;
  const fail = (error: Error): void => {
    reject(error);
    controller?.abort(error);
  };
  const abort = (): void =>
    fail(new HeadroomError('KUBELET_REQUEST', errorMessage(signal.reason), { cause: signal.reason }));
  if (signal.aborted) {
    abort();
    return promise;
  }
  signal.addEventListener('abort', abort, { once: true });
  dispatcher.dispatch(request, {
    onRequestStart: (started) => {
      controller = started;
      if (signal.aborted) abort(); // it waited for a connection until nobody wanted it any more
    },
    onResponseStart: (_, status, headers, statusText = '') => {
      if (status < 200) return;
      if (status !== 200)
        fail(new HeadroomError('KUBELET_REQUEST', `request failed, status: "${status} ${statusText}"`));
      encoding = String(headers['content-encoding'] ?? '').toLowerCase();
    },
    onResponseData: (_, chunk) => {
      try {
        body.append(chunk);
      } catch (error) {
        fail(asHeadroomError(error));
      }
    },
    onResponseEnd: () => resolve(encoding),
    onResponseError: (_, error) => reject(error),
  });
  return promise.finally(() => signal.removeEventListener('abort', abort));
}

/** The text of a body. gunzip stops at the limit, so a bomb costs no more memory than a large body. */
function decoded(bytes: Uint8Array, encoding: string, maxBodyBytes: number): Uint8Array {
  if (encoding === '' || encoding === 'identity') return bytes;
  if (encoding !== 'gzip') throw new HeadroomError('KUBELET_BODY', `content encoding ${encoding} was not asked for`);
  try {
    const text = gunzipSync(bytes, { maxOutputLength: maxBodyBytes });
    return new Uint8Array(text.buffer, text.byteOffset, text.length);
  } catch (error) {
    if (error instanceof RangeError) throw bodyTooLarge(maxBodyBytes);
    throw new HeadroomError('KUBELET_BODY', `decompressing the body: ${errorMessage(error)}`, { cause: error });
  }
}

function asHeadroomError(error: unknown): HeadroomError {
  if (error instanceof HeadroomError) return error;
  return new HeadroomError('KUBELET_REQUEST', errorMessage(error), { cause: error });
}
