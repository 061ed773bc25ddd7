// `npm run soak`: Headroom for an hour on a cluster that never stands still: memory, samples and evaluations are watched all the time.
// Prints a table and writes all figures as JSON. Ctrl-C ends it early, with what was measured so far; nothing is left running.
import { readFileSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { nodeName } from '../test/cluster/sim/node-identity.ts';
import { runLongCommand } from '../test/support/long-run.ts';
import { type Contender, startContender } from './contenders.ts';
import { MetricsApi } from './metrics-api.ts';
import { nodePrefix } from './shape.ts';
import { Churn } from './soak-churn.ts';
import { EditLedger } from './soak-edits.ts';
import { countProblems } from './soak-log.ts';
import { parseOptions, type SoakOptions, usage } from './soak-options.ts';
import { Population } from './soak-population.ts';
import { SoakRecord } from './soak-record.ts';
import { complaints, figuresOf, renderReport } from './soak-report.ts';
import { keyOf, type Limits, SampleLedger } from './soak-samples.ts';
import { type SoakStage, type SoakTools, setSoakStage } from './soak-stage.ts';
import { readSelfMetrics, watch } from './soak-watch.ts';

/**
 * A new pod's first sample comes within 20 s (before, its CPU counter is 0, which counts as none), a scrape sees it within 15 s, and one of the
 * next two sees another. 5 s more for a machine that is busy.
 * A sample is at most 20 + 15 s old, and 10 s for a busy machine.
 */
const limits: Limits = { serveWithinMs: 70_000, sampleAgeMs: 45_000, forgetWithinMs: 5_000 };
/** Two sync periods, and 5 s for a machine that is busy. */
const obeyWithinMs = 35_000;
const readyTimeoutMs = 300_000;

await runLongCommand({
  name: 'npm run soak',
  usage,
  parseOptions,
  run: async (options, tools) => {
    const out = options.out ?? defaultOut(options);
    await mkdir(dirname(out), { recursive: true });
    const measuredAt = new Date().toISOString();
    const { record, log } = await soak(options, tools);
    const figures = figuresOf(record, countProblems(log));
    const wrong = complaints(record, figures);
    await writeFile(
      out,
      `${JSON.stringify({ measuredAt, options, complaints: wrong, figures, record }, undefined, 1)}\n`,
    );
    process.stdout.write(`${renderReport(record, figures)}\n`);
    tools.progress(`figures are in ${out}`);
    return wrong.length === 0;
  },
});

async function soak(options: SoakOptions, tools: SoakTools): Promise<{ record: SoakRecord; log: string }> {
  await using undo = new AsyncDisposableStack();
  const population = new Population(options);
  const soakStage = await setSoakStage(options, population, undo, tools);
  const { stage } = soakStage;
  const contender = await startContender('headroom', stage, undefined);
  undo.defer(async () => void (await contender.stop()));
  const api = undo.use(new MetricsApi(stage.servingPort, stage.loadToken));
  await untilReady(population, { soakStage, contender, api }, tools.signal);
  tools.progress(`everything is served; the soak takes ${(options.forMs / 60_000).toFixed(0)} min from now on`);
  const record = await churnAndWatch({ options, population, soakStage, contender, api }, tools);
  return { record, log: readFileSync(join(stage.controlPlane.dir, 'headroom.log'), 'utf8') };
}

interface Running {
  readonly soakStage: SoakStage;
  readonly contender: Contender;
  readonly api: MetricsApi;
}

async function churnAndWatch(
  { options, population, soakStage, contender, api }: Running & { options: SoakOptions; population: Population },
  { signal, progress }: SoakTools,
): Promise<SoakRecord> {
  const record = new SoakRecord(options.podsPerSecond);
  const pods = new SampleLedger(limits);
  const nodes = new SampleLedger(limits);
  for (const pod of population.pods) pods.isThere(keyOf(pod));
  for (const index of population.nodes) nodes.isThere(nodeName(nodePrefix, index));
  const churn = new Churn({ ...soakStage, population, pods, nodes, edits: new EditLedger(obeyWithinMs), record });
  const broken = new AbortController();
  const ended = AbortSignal.any([signal, AbortSignal.timeout(options.forMs), broken.signal]);
  const orBreak = (work: Promise<void>): Promise<void> =>
    work.catch((error: unknown) => {
      record.failure ??= String(error);
      broken.abort();
    });
  await Promise.all([
    orBreak(churn.run(options, ended)),
    orBreak(watch({ ...soakStage, contender, api, pods, nodes, record, progress }, ended)),
  ]);
  return record;
}

/** Until every pod and node is served and the autoscalers are Headroom's. */
async function untilReady(
  population: Population,
  { soakStage: { stage }, contender, api }: Running,
  signal: AbortSignal,
): Promise<void> {
  const deadlineMs = Date.now() + readyTimeoutMs;
  for (;;) {
    contender.check();
    if (
      (await api.nodeMetrics()).length === population.nodes.length &&
      (await api.podMetrics()).length === population.pods.length &&
      (await readSelfMetrics(stage))?.ownsHpas === true
    ) {
      return;
    }
    if (Date.now() > deadlineMs) throw new Error(`not everything is served after ${readyTimeoutMs / 1000} s`);
    await sleep(1000, undefined, { signal });
  }
}

function defaultOut({ nodes, podsPerNode }: SoakOptions): string {
  return fileURLToPath(new URL(`results/soak-${nodes}x${podsPerNode}.json`, import.meta.url));
}
