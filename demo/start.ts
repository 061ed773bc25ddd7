// Flow: everything the demo consists of, in order, each step shown; all of it ends when what is returned is disposed of.
import { ensureBinaries } from '../test/cluster/build.ts';
import { reservePorts } from '../test/cluster/ports.ts';
import { controlPlaneTools } from '../test/cluster/tools.ts';
import { type Headroom, startHeadroom, waitForMetricsApi } from './headroom.ts';
import { applyConfig, applyExample } from './install.ts';
import type { DemoOptions } from './options.ts';
import { startRealStage } from './real-stage.ts';
import { startSimulatedStage } from './simulated-stage.ts';
import type { Stage } from './stage.ts';
import type { StartReport } from './start-report.ts';

export interface Started extends AsyncDisposable {
  readonly stage: Stage;
  readonly headroom: Headroom;
}

/** Rejects with the signal's reason when it aborts; what was started by then has ended. */
export async function startAll(options: DemoOptions, report: StartReport, signal: AbortSignal): Promise<Started> {
  await using undo = new AsyncDisposableStack();
  const tools = options.realNode ? ([...controlPlaneTools, 'kubelet'] as const) : controlPlaneTools;
  const binaries = await report.step('Kubernetes, built from source into a cache', (detail) =>
    untilAborted(ensureBinaries(detail, tools), signal),
  );
  const stage = undo.use(
    options.realNode
      ? await startRealStage(report, binaries)
      : await startSimulatedStage(report, binaries, options.nodes),
  );
  signal.throwIfAborted();
  const reserved = await reservePorts(1);
  undo.defer(reserved.release);
  const port = reserved.ports[0] ?? 0;
  // The example comes before Headroom, so that its pod is there for the first scrape.
  await report.step(`config/ and ${stage.example.name} applied`, () =>
    Promise.all([applyConfig(stage.controlPlane, port), applyExample(stage.controlPlane, stage.example)]),
  );
  signal.throwIfAborted();
  const headroom = undo.use(await report.step('Headroom from this checkout', () => startHeadroom(stage, port)));
  signal.throwIfAborted();
  await report.step('Metrics API available', () => waitForMetricsApi(stage, headroom, signal));
  const started = undo.move();
  return { stage, headroom, [Symbol.asyncDispose]: () => started.disposeAsync() };
}

/** For work that cannot be cancelled and may be left behind. */
async function untilAborted<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  const aborted = Promise.withResolvers<never>();
  const abort = (): void => aborted.reject(signal.reason);
  signal.addEventListener('abort', abort, { once: true });
  try {
    signal.throwIfAborted();
    return await Promise.race([work, aborted.promise]);
  } finally {
    signal.removeEventListener('abort', abort);
  }
}
