// Types and small readers: what the steps of the pipeline found out about a request, for those behind them.
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Request, Response } from 'express';
import type { AccessAttributes } from '../kube/subject-access-review.ts';
import type { UserInfo } from '../kube/user.ts';
import type { RequestInfo } from './request-info.ts';

export interface Locals {
  /** Decoded, without slashes at its end where they count for nothing: what routes are chosen by. */
  path: string;
  info: RequestInfo;
  /** What `info` asks for, as authorizers are told. */
  attributes: AccessAttributes;
  query: URLSearchParams;
  /** Set by authentication; nothing behind it runs without. */
  user: UserInfo;
}

/** Before the first step: nobody asks for nothing. */
export function unknownYet(): Locals {
  return { path: '', info: noInfo, attributes: noAttributes, query: noQuery, user: nobody };
}

const noInfo: RequestInfo & { readonly kind: 'path' } = { kind: 'path', verb: '', path: '' };
const noAttributes: AccessAttributes = { nonResource: noInfo };
/** Nobody writes to queries, so one is enough. */
const noQuery = new URLSearchParams();
const nobody: UserInfo = { name: '', uid: '', groups: [], extra: {} };

/** Over HTTP/2 a class of its own that behaves the same (http2.ts). */
export type ApiRequest = IncomingMessage;
export type ApiResponse = ServerResponse & { locals: Locals };

/** What answers behind all steps, where Express routes. */
export type Handler = (request: Request, response: Response<unknown, Locals>) => void | Promise<void>;

/** Of several values of a header that comes once, the first counts. */
export function acceptOf(request: ApiRequest): string | undefined {
  return request.headersDistinct['accept']?.[0];
}

const trueTexts = new Set(['1', 't', 'T', 'true', 'TRUE', 'True']);
const humanAgents = ['curl', 'Wget', 'Mozilla/5.0'];

/** Does this client read the answer with its own eyes (docs/metrics-api.md, M-69)? */
export function wantsPretty(request: ApiRequest, query: URLSearchParams): boolean {
  const asked = query.get('pretty') ?? '';
  if (asked !== '') return trueTexts.has(asked);
  const agent = request.headers['user-agent'] ?? '';
  return humanAgents.some((human) => agent.startsWith(human));
}
