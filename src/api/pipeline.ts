// Flow: one request from its head to its answer: the steps, then the Metrics API itself, or Express for everything else.
import type { RequestListener } from 'node:http';
import { type ApiRequest, type ApiResponse, unknownYet } from './context.ts';
import type { MetricsRouter } from './metrics-routes.ts';
import { readRequestTarget } from './request-target.ts';
import type { ErrorAnswerer, Step } from './steps.ts';

export interface Pipeline {
  readonly steps: readonly Step[];
  /** Nodes and pods, which are asked for all the time: Express would cost as much again as finding and writing the answer. */
  readonly metrics: MetricsRouter;
  /** Everything else, by Express. */
  readonly others: RequestListener;
  readonly answerError: ErrorAnswerer;
}

/** For a server's `request` event. */
export function createRequestListener(pipeline: Pipeline): RequestListener {
  const { answerError } = pipeline;
  return (request, bareResponse) => {
    const response: ApiResponse = Object.assign(bareResponse, { locals: unknownYet() });
    serve(pipeline, request, response).catch((error: unknown) =>
      // Nothing is left to be said when even the error could not be answered.
      answerError(error, request, response).catch(() => response.destroy()),
    );
  };
}

async function serve({ steps, metrics, others }: Pipeline, request: ApiRequest, response: ApiResponse): Promise<void> {
  for (const step of steps) {
    const outcome = step(request, response);
    // Most know at once, and need not wait for a turn.
    if (!(typeof outcome === 'boolean' ? outcome : await outcome)) return;
  }
  const route = metrics(response.locals.path);
  if (route !== undefined) {
    await route(request, response);
    return;
  }
  request.url = readRequestTarget(request.url ?? '')?.routedUrl ?? '/';
  others(request, response);
}
