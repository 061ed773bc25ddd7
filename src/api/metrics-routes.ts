// Flow: NodeMetrics and PodMetrics, one or many, in the form asked for.
import type { Clock } from '../lib/clock.ts';
import { negotiate, objectOffer } from './accept.ts';
import { sendAnswer } from './answer.ts';
import { acceptOf, type Handler, wantsPretty } from './context.ts';
import { readListOptions } from './list-options.ts';
import {
  getNodeMetrics,
  getPodMetrics,
  listNodeMetrics,
  listPodMetrics,
  type MetricsSources,
} from './metrics-query.ts';
import { listAnswer, objectAnswer, type RenderOptions } from './representation.ts';
import { isTrue } from './request-info.ts';
import { badRequest, StatusError, transformNotAcceptable } from './status.ts';

type Request = Parameters<Handler>[0];
type Response = Parameters<Handler>[1];

export interface MetricsHandlers {
  readonly listNodes: Handler;
  readonly getNode: Handler;
  readonly listPods: Handler;
  readonly getPod: Handler;
}

export function createMetricsHandlers(clock: Clock, sources: MetricsSources): MetricsHandlers {
  const renderOptions = (request: Request, response: Response): RenderOptions => {
    const { query } = response.locals;
    const representation = negotiate(acceptOf(request), objectOffer);
    if (representation === undefined) throw new StatusError(transformNotAcceptable(objectOffer));
    return {
      representation: { ...representation, pretty: representation.pretty || wantsPretty(request, query) },
      includeObject: query.get('includeObject') ?? '',
      nowMs: clock.now(),
    };
  };
  return {
    listNodes: async (request, response) => {
      const render = renderOptions(request, response);
      const list = listNodeMetrics(sources, readListOptions('nodes', response.locals.query));
      await sendAnswer(request, response, await listAnswer('NodeMetrics', list, render));
    },
    getNode: async (request, response) => {
      const render = renderOptions(request, response);
      refuseExport(response.locals.query);
      await sendAnswer(request, response, objectAnswer(getNodeMetrics(sources, parameter(request, 'name')), render));
    },
    listPods: async (request, response) => {
      const render = renderOptions(request, response);
      const namespace = parameter(request, 'namespace');
      const list = listPodMetrics(sources, namespace, readListOptions('pods', response.locals.query));
      await sendAnswer(request, response, await listAnswer('PodMetrics', list, render));
    },
    getPod: async (request, response) => {
      const render = renderOptions(request, response);
      refuseExport(response.locals.query);
      const pod = getPodMetrics(sources, parameter(request, 'namespace'), parameter(request, 'name'));
      await sendAnswer(request, response, objectAnswer(pod, render));
    },
  };
}

/** A parameter of old, which is refused rather than ignored. */
function refuseExport(query: URLSearchParams): void {
  if (!isTrue(query.get('export'))) return;
  throw new StatusError(badRequest('the export parameter, deprecated since v1.14, is no longer supported'));
}

/** '' when the route has no such parameter. */
function parameter(request: Request, name: string): string {
  const value = request.params[name];
  return typeof value === 'string' ? value : '';
}
