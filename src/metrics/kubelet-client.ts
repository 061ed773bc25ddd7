// Edge: one GET of a kubelet's /metrics/resource, from target to bytes.
import { gunzipSync } from 'node:zlib';
import { errorMessage, HeadroomError } from '../lib/errors.ts';
import { type Body, type BodyBuffers, bodyTooLarge } from './body-buffers.ts';
import type { Cancellation } from './cancellation.ts';
import type { KubeletTarget } from './kubelet-address.ts';
import type { KubeletConnections } from './kubelet-connections.ts';

export interface KubeletClientSettings {
  readonly userAgent: string;
  /**
   * Ask for gzip. Off, a node costs 10 to 30 KB of network per scrape; on, the kubelet pays for compressing and we pay more for inflating
   * than for decrypting ten times the bytes (docs/adr/0004-connections-to-kubelets.md). A compressed body is understood in any case.
   */
  readonly acceptGzip: boolean;
  /** The largest body after decompression. */
  readonly maxBodyBytes: number;
}

export interface KubeletClientDeps {
  readonly connections: KubeletConnections;
  readonly buffers: BodyBuffers;
  /** The bearer token to send now, or undefined for none. Never asked for, and so never sent, over plain http. */
  readonly token: () => Promise<string | undefined>;
  readonly settings: KubeletClientSettings;
}

/** Fetches one exposition. `consume` gets the body, a view that is valid only during the call; what it returns is returned. */
export type FetchExposition = <T>(
  target: KubeletTarget,
  cancellation: Cancellation,
  consume: (body: Uint8Array) => T,
) => Promise<T>;

/**
 * Throws HeadroomError: KUBELET_REQUEST when nothing, or a status other than 200, came back before it was cancelled; KUBELET_BODY when the body
 * was too large or could not be decompressed. Redirects are such a status: the token goes nowhere but to the node's own address.
 * There is no Accept header, so that every kubelet answers its text format.
 */
export function createKubeletClient(deps: KubeletClientDeps): FetchExposition {
  const { connections, settings, buffers } = deps;
  let token: string | undefined;
  let headers = requestHeaders(settings, token);

  /** Made anew when the token changes, and not for each request: it is long, and looked at byte by byte. */
  const headersWith = (current: string | undefined): string => {
    if (current === token) return headers;
    headers = requestHeaders(settings, current);
    token = current;
    return headers;
  };

  /** Returns the content encoding of what was appended to `body`, '' for none. */
  const receive = async (
    { origin, path }: KubeletTarget,
    commonHeaders: string,
    body: Body,
    cancellation: Cancellation,
  ): Promise<string> => {
    for (;;) {
      const connection = await connections.take(origin);
      try {
        const request = `GET ${path} HTTP/1.1\r\nHost: ${connection.host}\r\n${commonHeaders}\r\n`;
        return await connection.exchange(request, (bytes) => body.append(bytes), cancellation);
      } catch (error) {
        // A kubelet that restarts closes the connection: asked again, over a new one that cannot be stale, it answers.
        if (!connection.wasStale) throw error;
      } finally {
        connections.giveBack(connection);
      }
    }
  };

  return async (target, cancellation, consume) => {
    const current = target.origin.startsWith('https:') ? await deps.token() : undefined;
    const body = buffers.open();
    try {
      const encoding = await receive(target, headersWith(current), body, cancellation);
      return consume(decoded(body.bytes(), encoding, settings.maxBodyBytes));
    } catch (error) {
      throw asHeadroomError(error);
    } finally {
      body.release();
    }
  };
}

/** Those that are the same for all kubelets, each with its end of line. */
function requestHeaders({ userAgent, acceptGzip }: KubeletClientSettings, token: string | undefined): string {
  let headers = `User-Agent: ${userAgent}\r\n`;
  if (acceptGzip) headers += 'Accept-Encoding: gzip\r\n';
  if (token === undefined) return headers;
  // A token out of a file could otherwise bring headers of its own.
  if (!/^[\x21-\x7e]+$/.test(token))
    throw new HeadroomError('KUBELET_REQUEST', 'the token holds what no header may hold');
  return `${headers}Authorization: Bearer ${token}\r\n`;
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
