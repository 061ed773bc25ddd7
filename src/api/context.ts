// Types and small readers: what the middlewares found out about a request, for those behind them.
import type { NextFunction, Request, Response } from 'express';
import type { UserInfo } from '../kube/user.ts';
import type { RequestInfo } from './request-info.ts';

export interface Locals {
  info: RequestInfo;
  query: URLSearchParams;
  /** Set by authentication; nothing behind it runs without. */
  user: UserInfo;
}

type ApiResponse = Response<unknown, Locals>;
export type Handler = (request: Request, response: ApiResponse, next: NextFunction) => void | Promise<void>;

/** Of several values of a header that comes once, the first counts. */
export function acceptOf(request: Request): string | undefined {
  return request.headersDistinct['accept']?.[0];
}

const trueTexts = new Set(['1', 't', 'T', 'true', 'TRUE', 'True']);
const humanAgents = ['curl', 'Wget', 'Mozilla/5.0'];

/** Does this client read the answer with its own eyes (docs/metrics-api.md, M-69)? */
export function wantsPretty(request: Request, query: URLSearchParams): boolean {
  const asked = query.get('pretty') ?? '';
  if (asked !== '') return trueTexts.has(asked);
  const agent = request.headers['user-agent'] ?? '';
  return humanAgents.some((human) => agent.startsWith(human));
}
