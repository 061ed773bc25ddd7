// Pure: the target of a request, split and decoded once, so that authorization and routing cannot read it differently.
import { metricsGroup } from './request-info.ts';

export interface RequestTarget {
  /** Decoded. */
  readonly path: string;
  readonly query: URLSearchParams;
  /** `path` without slashes at its end where they count for nothing. */
  readonly routedPath: string;
  /** For Express, without a query: it splits and decodes this to `routedPath`. */
  readonly routedUrl: string;
}

const plainPath = /^\/[\w\-.~!$&'()*+,;=:@/]*$/;

/** undefined for a path that cannot be decoded. */
export function readRequestTarget(rawUrl: string): RequestTarget | undefined {
  const url = rawUrl.startsWith('/') ? rawUrl : withoutOrigin(rawUrl);
  const mark = url.indexOf('?');
  const rawPath = mark < 0 ? url : url.slice(0, mark);
  const query = readQuery(mark < 0 ? '' : url.slice(mark + 1));
  const isPlain = plainPath.test(rawPath);
  const path = isPlain ? rawPath : decode(rawPath);
  if (path === undefined) return undefined;
  const routed = routedPath(path);
  const routedUrl = isPlain ? routed : routed.split('/').map(encodeURIComponent).join('/');
  return { path, query, routedPath: routed, routedUrl };
}

const brokenEscape = /%(?![0-9a-fA-F]{2})/;

/** As Go reads it: pairs with a semicolon or a broken escape are no pairs. */
function readQuery(text: string): URLSearchParams {
  if (!text.includes(';') && !text.includes('%')) return new URLSearchParams(text);
  const pairs = text.split('&').filter((pair) => !pair.includes(';') && !brokenEscape.test(pair));
  return new URLSearchParams(pairs.join('&'));
}

const restRoots = ['/version', `/apis/${metricsGroup}`];

/** Slashes at the end count for nothing in the API itself, and for everything elsewhere. */
function routedPath(path: string): string {
  if (path === '/apis/') return '/apis';
  if (!restRoots.some((root) => path.startsWith(`${root}/`))) return path;
  let end = path.length;
  while (path[end - 1] === '/') end--;
  return path.slice(0, end);
}

/** Proxies may send the absolute form. */
function withoutOrigin(url: string): string {
  const parsed = URL.parse(url);
  return parsed === null ? `/${url}` : parsed.pathname + parsed.search;
}

function decode(path: string): string | undefined {
  if (brokenEscape.test(path)) return undefined;
  try {
    return decodeURIComponent(path);
  } catch {
    // Bytes that are no text: each becomes a replacement character, for authorization as for routing.
    return path.replaceAll(/(?:%[0-9a-fA-F]{2})+/g, (bytes) =>
      Buffer.from(bytes.replaceAll('%', ''), 'hex').toString('utf8'),
    );
  }
}
