// Pure: what requests ask for, remembered by their target: clients ask for the same again and again, and reading it costs as much as answering it.
import type { AccessAttributes } from '../kube/subject-access-review.ts';
import { accessAttributes } from './authorize.ts';
import { type RequestInfo, readRequestInfo } from './request-info.ts';
import { type RequestTarget, readRequestTarget } from './request-target.ts';

/** Shared by all requests that ask the same: nobody may change it. */
export interface UnderstoodRequest {
  readonly target: RequestTarget;
  readonly info: RequestInfo;
  readonly attributes: AccessAttributes;
}

/** undefined for a path that cannot be decoded. */
export type RequestReader = (method: string, url: string) => UnderstoodRequest | undefined;

// Strangers can fill this before anybody knows who they are: with some 20 MB at most, and others are then read anew.
const generationSize = 2_048;
const longestRemembered = 512;
const mostParameters = 16;
/** As JSON: a short selector can ask for hundreds of things. */
const longestAttributes = 1_024;

/** Remembers GETs, which are all that is served here: other methods may be any word, and are read each time. */
export function createRequestReader(): RequestReader {
  // Two generations: what was not asked for while a whole one filled up is forgotten. An order of use would cost two writes for each request.
  let young = new Map<string, UnderstoodRequest>();
  let old = new Map<string, UnderstoodRequest>();
  return (method, url) => {
    if (method !== 'GET' || url.length > longestRemembered) return read(method, url);
    const known = young.get(url);
    if (known !== undefined) return known;
    const understood = old.get(url) ?? read(method, url);
    if (understood === undefined || !isSmall(understood)) return understood;
    if (young.size >= generationSize) {
      old = young;
      young = new Map();
    }
    young.set(url, understood);
    return understood;
  };
}

function isSmall({ target, attributes }: UnderstoodRequest): boolean {
  return target.query.size <= mostParameters && JSON.stringify(attributes).length <= longestAttributes;
}

function read(method: string, url: string): UnderstoodRequest | undefined {
  const target = readRequestTarget(url);
  if (target === undefined) return undefined;
  const info = readRequestInfo(method, target.path, target.query);
  return { target, info, attributes: accessAttributes(info) };
}
