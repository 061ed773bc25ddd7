// `npm run bench:freshness`: how fast replicas follow usage. Real control plane, 100 simulated nodes whose samples are 10 to 20 s apart, Headroom alone: usage of some apps
// nearly doubles, one after the other, and the time to the new replicas is taken. Twice: apps that use what they are meant to, and apps that use half of it.
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { wholeNumber } from '../test/support/flag-values.ts';
import { type LongRunTools, runLongCommand } from '../test/support/long-run.ts';
import { ApiReader } from './api-reader.ts';
import { startContender } from './contenders.ts';
import { writeToEtcd } from './etcd-writer.ts';
import { cycleMs } from './measure-steady.ts';
import { sumOf } from './metrics-text.ts';
import { cpuSeconds } from './process-figures.ts';
import { type Reactions, ScaleWatch } from './scale-watch.ts';
import { autoscaledApps, type BenchApp, type Shape } from './shape.ts';
import { ageMs, type Stage, setStage } from './stage.ts';
import { summarize } from './statistics.ts';
import { keyPrefix } from './stored-object.ts';
import { hpaPrefix, storedHpas } from './stored-workloads.ts';

const usage = `npm run bench:freshness -- [flags]
  --nodes N   simulated nodes with 30 pods each; default 100
  --steps N   apps whose usage grows, of each kind; default 40
`;
const podsPerNode = 30;
/** From so much of the target to so much of it: ten pods become twenty. */
const cases = { 'at the target': { before: 1, after: 1.95 }, 'at half of it': { before: 0.5, after: 1.95 } } as const;
/** Steps come within this time, so that no phase of any period is preferred. */
const stepsMs = 60_000;
const settlingMs = 4 * cycleMs;
const timeoutMs = 180_000;

interface Options {
  readonly nodes: number;
  readonly steps: number;
}

interface Running extends LongRunTools {
  readonly stage: Stage;
  readonly api: ApiReader;
  readonly pid: number;
}

function parseOptions(argv: readonly string[]): Options | 'help' {
  const options = { nodes: { type: 'string' }, steps: { type: 'string' }, help: { type: 'boolean' } } as const;
  const { values } = parseArgs({ args: [...argv], options });
  if (values.help === true) return 'help';
  return {
    nodes: wholeNumber(values.nodes ?? '100', '--nodes', 10, 5000),
    steps: wholeNumber(values.steps ?? '40', '--steps', 1, 1000),
  };
}

/** Gives some apps their autoscalers and their first usage, waits until all is calm, and takes the seconds from each step to the new replicas. */
async function measure(what: keyof typeof cases, apps: readonly BenchApp[], running: Running): Promise<void> {
  const { stage, api, signal, progress } = running;
  const { before, after } = cases[what];
  await setUsage(stage, apps, before);
  const keys = new Set(apps.map(({ namespace, name }) => `${keyPrefix}${hpaPrefix}${namespace}/${name}`));
  const hpas = [...storedHpas(stage.shape, Date.now() - ageMs)].filter(({ key }) => keys.has(key));
  await writeToEtcd(stage.controlPlane.etcdUrl, hpas, signal, () => undefined);
  await sleep(settlingMs, undefined, { signal });
  const calm = await costWhile(running, () => sleep(2 * cycleMs, undefined, { signal }));
  progress(`${what}: nothing changes: ${calm}`);
  const ended = new AbortController();
  const watch = await ScaleWatch.start(api, ended.signal);
  try {
    let reactions: Reactions = { seconds: [], unscaled: apps.length };
    const busy = await costWhile(running, async () => {
      for (const app of apps) {
        await setUsage(stage, [app], after);
        watch.stepped(app);
        await sleep(stepsMs / apps.length, undefined, { signal });
      }
      reactions = await watch.untilScaled(apps, timeoutMs, signal);
    });
    progress(`${what}: usage grows: ${busy}`);
    const { p50, p95 = 0, max, count } = summarize(reactions.seconds);
    const shown = [p50, p95, max].map((value) => value.toFixed(1));
    process.stdout.write(
      `${what}: ${count} steps, p50 ${shown[0]} s, p95 ${shown[1]} s, slowest ${shown[2]} s, ${reactions.unscaled} not scaled\n`,
    );
  } finally {
    ended.abort();
    // Calm again for what is measured next.
    await setUsage(stage, apps, before);
  }
}

/** CPU and scrapes per cycle while the task runs. */
async function costWhile({ stage, api, pid }: Running, task: () => Promise<void>): Promise<string> {
  const url = `https://127.0.0.1:${stage.servingPort}`;
  const look = async (): Promise<{ atMs: number; cpu: number; scrapes: number; hot: number }> => {
    const page = await api.metrics(url);
    const scrapes = sumOf(page, 'metrics_server_kubelet_request_total');
    return { atMs: performance.now(), cpu: cpuSeconds(pid), scrapes, hot: sumOf(page, 'headroom_metrics_hot_nodes') };
  };
  const from = await look();
  await task();
  const to = await look();
  const cycles = (to.atMs - from.atMs) / cycleMs;
  const perNode = (to.scrapes - from.scrapes) / cycles / stage.shape.nodes;
  const cpu = ((to.cpu - from.cpu) / cycles).toFixed(3);
  return `${perNode.toFixed(2)} scrapes per node and cycle, ${cpu} CPU-s per cycle, ${to.hot} hot nodes at the end`;
}

async function setUsage({ kubelets }: Stage, apps: readonly BenchApp[], factor: number): Promise<void> {
  const pods = apps.flatMap((app) => app.pods);
  const cores = Object.fromEntries(pods.map(({ uid, cpuMilli }) => [uid, (factor * cpuMilli) / 1000]));
  const answer = await fetch(`${kubelets.controlUrl}/idle-cores`, { method: 'PUT', body: JSON.stringify(cores) });
  if (!answer.ok) throw new Error(`setting the usage of pods: ${answer.status} ${await answer.text()}`);
}

/** The buckets that anything fell into, of a histogram without labels. */
function bucketsOf(page: string, name: string): string {
  const counts = page.matchAll(new RegExp(`^${name}_bucket\\{le="([^"]+)"\\} (\\d+)$`, 'gm'));
  return `${name}: ${[...counts].map(([, le, count]) => `<=${le}:${count}`).join(' ')}`;
}

await runLongCommand({
  name: 'npm run bench:freshness',
  usage,
  parseOptions,
  run: async ({ nodes, steps }, tools) => {
    await using undo = new AsyncDisposableStack();
    const shape: Shape = { nodes, podsPerNode, hpas: 2 * steps };
    const stage = await setStage(shape, undo, tools.signal, tools.progress);
    const headroom = await startContender('headroom', stage);
    undo.defer(() => headroom.stop().then(() => undefined));
    const api = undo.use(new ApiReader(stage.controlPlane));
    const apps = [...autoscaledApps(shape)];
    const running = { ...tools, stage, api, pid: headroom.pid };
    // First those that are not hot: those of the second round stay where they are, at their target.
    await sleep(settlingMs, undefined, { signal: tools.signal });
    await measure('at half of it', apps.slice(0, steps), running);
    await measure('at the target', apps.slice(steps), running);
    const page = await api.metrics(`https://127.0.0.1:${stage.servingPort}`);
    for (const what of ['sample_age_at_decision', 'sample_to_patch']) {
      tools.progress(bucketsOf(page, `headroom_controller_${what}_seconds`));
    }
    headroom.check();
    return true;
  },
});
