// Benchmark: the autoscaler controller at scale, without network and kubelets. `npm run bench:autoscalers [-- quick] [only=small|large|many|herd|overlaps]`
//
// Virtual time: CPU of a period is what the process used while fifteen virtual seconds passed, without what made and stored the samples.
import { AutoscalerWorld, cpuMs, syncPeriodMs, type WorldShape } from './autoscaler-world.ts';

const isQuick = process.argv.includes('quick');
const large: WorldShape = {
  nodes: 5_000,
  pods: 150_000,
  podsPerApp: 10,
  podsPerNamespace: 5_000,
  autoscalers: 3_000,
  qps: 20,
  burst: 30,
};
const many: WorldShape = { ...large, nodes: 1_000, pods: 30_000, podsPerApp: 3, autoscalers: 10_000 };

interface Measured {
  readonly syncs: number;
  readonly events: number;
  readonly requests: number;
  readonly cpuMs: number;
  readonly virtualMs: number;
}

const heading = `${''.padEnd(46)} ${'cores'.padStart(8)}   syncs   looks   us each  requests/s`;

async function looks(world: AutoscalerWorld, trigger: string): Promise<number> {
  const metric = await world.registry.getSingleMetric('headroom_controller_looks_total')?.get();
  const values = metric?.values.filter(({ labels }) => labels['trigger'] === trigger) ?? [];
  return values.reduce((sum, { value }) => sum + value, 0);
}

async function measure(world: AutoscalerWorld, work: () => Promise<void>): Promise<Measured> {
  const [syncs, events] = [await looks(world, 'sync'), await looks(world, 'event')];
  const requests = world.requests.length;
  const [startMs, fedMs, startCpuMs] = [world.clock.monotonic(), world.fedCpuMs, cpuMs()];
  await work();
  const usedMs = cpuMs() - startCpuMs - (world.fedCpuMs - fedMs);
  return {
    syncs: (await looks(world, 'sync')) - syncs,
    events: (await looks(world, 'event')) - events,
    requests: world.requests.length - requests,
    cpuMs: usedMs,
    virtualMs: world.clock.monotonic() - startMs,
  };
}

function report(what: string, { syncs, events, requests, cpuMs: used, virtualMs }: Measured): void {
  const cells = [
    what.padEnd(46),
    (used / virtualMs).toFixed(4).padStart(8),
    String(syncs).padStart(7),
    String(events).padStart(7),
    ((used * 1000) / Math.max(1, syncs + events)).toFixed(1).padStart(9),
    (requests / (virtualMs / 1000)).toFixed(2).padStart(11),
  ];
  console.log(cells.join(' '));
}

const periods = isQuick ? 2 : 4;
const byChance = (pod: number, cycle: number): number => {
  const hash = Math.imul(pod * 31 + cycle * 7919 + 1, 0x9e3779b1) >>> 0;
  return hash / 2 ** 32;
};

/** Usage at its target, each pod's with 5 % of noise. */
function waver(world: AutoscalerWorld): void {
  world.cpuMilli = (pod) => 50 * (0.95 + 0.1 * byChance(pod, Math.floor(world.clock.now() / 15_000)));
}

async function steady(name: string, shape: WorldShape): Promise<void> {
  console.log(
    `\n${name}: ${shape.autoscalers} autoscalers of ${shape.podsPerApp} pods, ${shape.pods} pods, ${shape.nodes} nodes`,
  );
  console.log(heading);
  const world = new AutoscalerWorld(shape);
  const start = await measure(world, async () => {
    await world.settle();
  });
  console.log(`start: all evaluated after ${start.cpuMs.toFixed(0)} CPU-ms (${start.syncs} of ${shape.autoscalers})`);
  const run = (): Promise<void> => world.scrapeFor(periods * syncPeriodMs);
  await world.scrapeFor(syncPeriodMs);
  report('quiet usage, syncs only', await measure(world, run));
  world.isTelling = true;
  report('quiet usage, told of every sample', await measure(world, run));
  world.isTelling = false;
  waver(world);
  await world.scrapeFor(syncPeriodMs);
  report('wavering usage, syncs only', await measure(world, run));
  world.isTelling = true;
  report('wavering usage, told of every sample', await measure(world, run));
  await world.close();
}

async function herd(shape: WorldShape): Promise<void> {
  const world = new AutoscalerWorld(shape);
  await world.settle();
  world.isTelling = true;
  world.cpuMilli = () => 90;
  const startMs = world.clock.monotonic();
  let halfMs = 0;
  const scaled = (): number => world.scales.updates.length;
  const used = await measure(world, async () => {
    while (scaled() < shape.autoscalers && world.clock.monotonic() - startMs < 3_600_000) {
      await world.scrapeFor(syncPeriodMs);
      if (halfMs === 0 && scaled() >= shape.autoscalers / 2) halfMs = world.clock.monotonic() - startMs;
    }
  });
  const seconds = (world.clock.monotonic() - startMs) / 1000;
  const statuses = world.requests.filter(({ method }) => method === 'PATCH').length;
  report(`herd at ${shape.qps}/s: ${scaled()} scaled within ${seconds} s, half within ${halfMs / 1000} s`, used);
  console.log(`  status writes since the start of the program: ${statuses}`);
  await world.close();
}

async function overlaps(name: string, shape: WorldShape): Promise<void> {
  const world = new AutoscalerWorld(shape);
  await world.settle();
  const run = (): Promise<void> => world.clock.advanceTo(world.clock.monotonic() + periods * syncPeriodMs);
  await run();
  report(name, await measure(world, run));
  await world.close();
}

const small = { ...large, nodes: 1_000, pods: 30_000 };
const part = process.argv.find((argument) => argument.startsWith('only='))?.slice(5);
const isWanted = (name: string): boolean => part === undefined || part === name;
if (isWanted('small')) await steady('small', small);
if (isWanted('large')) await steady('large', large);
if (isWanted('many')) await steady('many', many);
if (isWanted('herd')) {
  console.log(heading);
  await herd(small);
  await herd({ ...small, qps: 1_000, burst: 1_000 });
}
if (isWanted('overlaps')) {
  console.log(heading);
  for (const autoscalers of [750, 1_500, 3_000]) {
    const pods = autoscalers * small.podsPerApp;
    const shape = { ...small, autoscalers, pods, podsPerNamespace: pods };
    await overlaps(`${autoscalers} in one namespace`, shape);
  }
  await overlaps('3000 in 30 namespaces', { ...small, podsPerNamespace: 1_000 });
}
