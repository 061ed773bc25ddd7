// Flow: the composition root. Builds every part, starts them in order, stops them in order. docs/architecture.md tells the order in words.
import { collectDefaultMetrics, Registry } from 'prom-client';
import type { ApiServer } from './api/server.ts';
import { createApiAccess } from './compose/api-access.ts';
import { type Autoscaling, createAutoscaling } from './compose/autoscaling.ts';
import { createCaches } from './compose/caches.ts';
import { awaitFirstContact } from './compose/first-contact.ts';
import { createKubelets } from './compose/kubelets.ts';
import { createServing } from './compose/serving.ts';
import { HotNodes } from './controller/hot-nodes.ts';
import { createKubeMonitor } from './kube/monitor.ts';
import type { Clock } from './lib/clock.ts';
import type { Logger } from './lib/logger.ts';
import type { Options } from './options.ts';
import { userAgent } from './version.ts';

export interface OperatorDeps {
  readonly options: Options;
  readonly clock: Clock;
  readonly logger: Logger;
  /** Aborts when the program is told to stop. */
  readonly stop: AbortSignal;
}

/** What requests and decisions under way may still take, so that all of it fits into a pod's 30 s of grace. */
const drainMs = 10_000;
const eventsMs = 3_000;

/** Runs until told to stop. Resolves to the exit code: 0 ended as asked, 1 could not start. */
export async function runOperator({ options, clock, logger, stop }: OperatorDeps): Promise<0 | 1> {
  const running = new AbortController();
  const ending: (() => Promise<void>)[] = [];
  try {
    await start({ options, clock, logger, stop, running: running.signal, ending });
    await aborted(stop);
    logger.info('stopping', { reason: String(stop.reason) });
    return 0;
  } catch (error) {
    logger.error('cannot run', { error });
    return 1;
  } finally {
    // The last that was started is the first to end.
    for (const end of ending.toReversed()) await end();
    running.abort();
    logger.info('stopped');
  }
}

interface StartDeps extends OperatorDeps {
  /** Aborts after everything was ended: the last word for watches and polls. */
  readonly running: AbortSignal;
  /** How to end what was started so far. */
  readonly ending: (() => Promise<void>)[];
}

/** Gauges of prom-client that have the name of a counter, which promtool objects to; each is the sum of one that has not. */
const misnamedDefaults = ['handles', 'requests', 'resources'].map((what) => `nodejs_active_${what}_total`);

async function start(deps: StartDeps): Promise<void> {
  const { options, clock, logger, stop, running, ending } = deps;
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  for (const name of misnamedDefaults) registry.removeSingleMetric(name);
  const monitor = createKubeMonitor(registry);
  const shared = { options, clock, logger, registry, userAgent };

  const access = await createApiAccess({ ...shared, monitor });
  ending.push(() => access.close());
  const caches = createCaches({ ...shared, monitor, client: access.main });
  const hotNodes = new HotNodes();
  const kubelets = createKubelets({
    ...shared,
    hotNodes,
    kubeConfig: access.kubeConfig,
    api: access.main,
    nodes: caches.nodes,
    pods: caches.pods,
  });
  ending.push(async () => kubelets.close());

  // The trust roots are read through its own client, which may ask another server.
  for (const client of [access.main, access.authentication]) {
    if (!(await awaitFirstContact(client, shared, stop))) return;
  }
  const server = await createServing({ ...shared, access, caches, kubelets, signal: running });
  const watching = new AbortController();
  const watches = caches.run(watching.signal);
  ending.push(async () => {
    watching.abort();
    await watches;
  });
  logger.info('waiting for nodes and pods to be listed');
  if (!(await caches.clusterSynced(stop))) return;
  logger.info('nodes and pods are listed', { nodes: caches.nodes.size, pods: caches.pods.size });

  const areSamplesRestored = (await kubelets.samples?.start()) ?? false;
  ending.push(() => kubelets.samples?.stop() ?? Promise.resolve());
  kubelets.engine.start(running);
  ending.push(() => kubelets.engine.stop());
  await server.listen();
  ending.push(() => server.stop(drainMs));

  if (!(await caches.autoscalersSynced(stop))) return;
  const metrics = kubelets.engine.reader;
  await startAutoscaling(
    createAutoscaling({ ...shared, kubeMonitor: monitor, access, caches, metrics, areSamplesRestored, hotNodes }),
    ending,
  );
  ending.push(() => announceEnd(server, options, clock));
}

async function startAutoscaling(autoscaling: Autoscaling, ending: (() => Promise<void>)[]): Promise<void> {
  const leading = new AbortController();
  ending.push(() => autoscaling.events.close(eventsMs));
  const election = autoscaling.elect(leading.signal);
  ending.push(async () => {
    leading.abort();
    await election;
  });
  await autoscaling.controller.start();
  ending.push(() => autoscaling.controller.stop());
}

/** /readyz fails from now on; requests are still taken for a while, so that whoever balances notices first. */
async function announceEnd(server: ApiServer, { serving }: Options, clock: Clock): Promise<void> {
  server.beginShutdown();
  await clock.sleep(serving.shutdownDelayMs);
}

async function aborted(signal: AbortSignal): Promise<void> {
  if (signal.aborted) return;
  await new Promise((resolve) => signal.addEventListener('abort', resolve, { once: true }));
}
