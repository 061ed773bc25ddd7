// Pure: the target of a request, split and decoded once, so that authorization and routing cannot read it differently.
import { badRequest, StatusError } from './status.ts';

export interface RequestTarget {
  /** Decoded. */
  readonly path: string;
  readonly query: URLSearchParams;
  /** The target in a form that any router splits and decodes to the same path. */
  readonly url: string;
}

const plainPath = /^\/[\w\-.~!$&'()*+,;=:@/]*$/;

/** Throws StatusError 400 for a target that cannot be decoded. */
export function readRequestTarget(rawUrl: string): RequestTarget {
  const url = rawUrl.startsWith('/') ? rawUrl : withoutOrigin(rawUrl);
  const mark = url.indexOf('?');
  const rawPath = mark < 0 ? url : url.slice(0, mark);
  const search = mark < 0 ? '' : url.slice(mark);
  const query = new URLSearchParams(search);
  if (plainPath.test(rawPath)) return { path: rawPath, query, url };
  const path = decode(rawPath);
  return { path, query, url: path.split('/').map(encodeURIComponent).join('/') + search };
}

/** Proxies may send the absolute form. */
function withoutOrigin(url: string): string {
  const parsed = URL.parse(url);
  return parsed === null ? `/${url}` : parsed.pathname + parsed.search;
}

function decode(path: string): string {
  try {
    return decodeURIComponent(path);
  } catch {
    throw new StatusError(badRequest(`invalid URL escape in path ${JSON.stringify(path)}`));
  }
}
