// Flow: the health endpoints at their paths. Any method is answered: probes send what they like.
import { Router } from 'express';
import { sendAnswer } from './answer.ts';
import type { Handler } from './context.ts';
import { type HealthChecks, type HealthText, healthEndpoints, summarize, summarizeOne } from './health.ts';

export function createHealthRoutes(health: HealthChecks): Router {
  const router = Router({ caseSensitive: true, strict: true });
  for (const endpoint of healthEndpoints) {
    const checks = health[endpoint];
    router.all(`/${endpoint}`, async (...args: Parameters<Handler>) => {
      await send(args, summarize(endpoint, checks, args[1].locals.query), true);
    });
    for (const check of checks) {
      router.all(`/${endpoint}/${check.name}`, async (...args: Parameters<Handler>) => {
        const outcome = summarizeOne(check);
        await send(args, outcome, outcome.code === 500);
      });
    }
  }
  return router;
}

/** Their paths, one by one. */
export function healthPaths(health: HealthChecks): readonly string[] {
  return healthEndpoints.flatMap((endpoint) => [
    `/${endpoint}`,
    ...health[endpoint].map((check) => `/${endpoint}/${check.name}`),
  ]);
}

async function send(
  [request, response]: Parameters<Handler>,
  { code, text }: HealthText,
  nosniff: boolean,
): Promise<void> {
  if (nosniff) response.setHeader('X-Content-Type-Options', 'nosniff');
  await sendAnswer(request, response, { code, contentType: 'text/plain; charset=utf-8', body: Buffer.from(text) });
}
