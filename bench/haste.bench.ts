// `npm run bench:haste [-- FLAG=VALUE…]`: what asking the nodes of some autoscalers sooner costs, and what it gains. The real controller and scrape engine over simulated kubelets whose samples are
// 10 to 20 s apart, without network, in virtual time: first nothing changes, then the usage of some apps nearly doubles, one after the other, then that of all others at once.
import { HasteWorld, resolutionMs } from './haste-world.ts';
import { summarize } from './statistics.ts';

const flags = new Map(process.argv.slice(2).map((argument) => argument.split('=') as [string, string]));
const numberOf = (name: string, standard: number): number => Number(flags.get(name) ?? standard);
const nodes = numberOf('nodes', 1000);
const apps = numberOf('apps', 600);
const steps = numberOf('steps', 120);
/** Usage of an app over its target, before and after. */
const before = numberOf('before', 1);
const after = numberOf('after', 1.95);
const calmSeconds = 120;
const stepSeconds = 90;

async function cost(world: HasteWorld, task: () => Promise<void>): Promise<string> {
  const [fromMs, scrapes, fruitful] = [world.clock.now(), world.scrapes, world.fruitfulScrapes];
  await task();
  const seconds = (world.clock.now() - fromMs) / 1000;
  const perSecond = (world.scrapes - scrapes) / seconds;
  const extra = perSecond - nodes / (resolutionMs / 1000);
  const share = (100 * (world.fruitfulScrapes - fruitful)) / (world.scrapes - scrapes);
  return `${extra.toFixed(1).padStart(6)} extra scrapes/s, ${share.toFixed(0)} % of all scrapes bring a sample`;
}

function spread(seconds: readonly number[]): string {
  const { p50, p95 = 0, max, count, mean } = summarize(seconds);
  const shown = [mean, p50, p95, max].map((value) => value.toFixed(1).padStart(5));
  return `${count} apps: mean ${shown[0]} s, p50 ${shown[1]} s, p95 ${shown[2]} s, last ${shown[3]} s`;
}

async function react(world: HasteWorld, changed: readonly number[], gapSeconds: number): Promise<readonly number[]> {
  const steppedAtMs = new Map<string, number>();
  for (const app of changed) {
    world.use(app, after);
    steppedAtMs.set(`app-${app}`, world.clock.now());
    if (gapSeconds > 0) await world.pass(gapSeconds);
  }
  await world.pass(60);
  return [...steppedAtMs].map(
    ([name, atMs]) => ((world.scaledAtMs.get(name) ?? Number.POSITIVE_INFINITY) - atMs) / 1000,
  );
}

const world = new HasteWorld(
  {
    nodes,
    apps,
    podsPerApp: numberOf('pods', 10),
    noise: numberOf('noise', 0),
    sampling: flags.get('sampling') === 'apart' ? 'apart' : 'together',
    fastResolutionMs: numberOf('fast', 5000),
  },
  numberOf('seed', 1),
);
for (let app = 0; app < apps; app++) world.use(app, before);
await world.start();
console.log(`nothing changes:  ${await cost(world, () => world.pass(calmSeconds))}, scaled ${world.scaledAtMs.size}`);
world.scaledAtMs.clear();
const stride = Math.floor(apps / steps);
const single = Array.from({ length: steps }, (_, step) => step * stride);
let seconds: readonly number[] = [];
const stepsCost = await cost(world, async () => {
  seconds = await react(world, single, stepSeconds / steps);
});
console.log(`one by one:       ${stepsCost}; ${spread(seconds)}`);
const others = Array.from({ length: apps }, (_, app) => app).filter((app) => !world.scaledAtMs.has(`app-${app}`));
if (others.length === 0) process.exit();
const herdCost = await cost(world, async () => {
  seconds = await react(world, others, 0);
});
console.log(`all others:       ${herdCost}; ${spread(seconds)}`);
await world.stop();
