// How long one decision takes, by the number of the autoscaler's pods. `npm run bench:decide`
import { decide } from '../src/controller/decide/decide.ts';
import type { History, Observation } from '../src/controller/decide/types.ts';
import { history, nowMs, observation, podsOf } from '../test/support/observation-builders.ts';

/** A recommendation every 15 s for 5 minutes: what an autoscaler without behavior remembers. */
const remembered = history({
  recommendations: Array.from({ length: 20 }, (_, index) => `5@${index * 15}`).join(' '),
});

const shapes: Readonly<Record<string, (pods: number) => string>> = {
  'all ready, on target': (pods) => `R500*${pods}`,
  'all ready, scale up': (pods) => `R900*${pods}`,
  'one in ten missing': (pods) => `R900*${pods - pods / 10} R=-*${pods / 10}`,
};

function observe(pods: number, text: string): Observation {
  return observation({ replicas: pods, pods: podsOf(text), spec: { maxReplicas: 10_000 } });
}

/** Median over rounds of the mean time of one decision, and the bytes it allocates. */
function measure(seen: Observation, past: History): { micros: number; bytes: number } {
  const repeats = Math.max(10, Math.round(200_000 / (seen.pods.length + 20)));
  let sink = 0;
  const round = (): number => {
    const startMs = performance.now();
    for (let turn = 0; turn < repeats; turn++) sink += decide(seen, past, nowMs).desiredReplicas;
    return ((performance.now() - startMs) * 1000) / repeats;
  };
  for (let warmUp = 0; warmUp < 5; warmUp++) round();
  const rounds = Array.from({ length: 15 }, round).toSorted((a, b) => a - b);
  if (sink === 0) throw new Error('nothing was decided');
  return { micros: rounds[7] ?? Number.NaN, bytes: measureBytes(seen, past) };
}

function measureBytes(seen: Observation, past: History): number {
  // Few enough that no collection falls between the two looks at the heap.
  const turns = Math.max(1, Math.floor(5000 / (seen.pods.length + 20)));
  globalThis.gc?.();
  const before = process.memoryUsage().heapUsed;
  for (let turn = 0; turn < turns; turn++) decide(seen, past, nowMs);
  return Math.max(0, (process.memoryUsage().heapUsed - before) / turns);
}

console.log('pods   shape                    us/decision  us/pod  KiB/decision');
for (const pods of [10, 100, 1000, 5000]) {
  for (const [name, text] of Object.entries(shapes)) {
    const { micros, bytes } = measure(observe(pods, text(pods)), remembered);
    const cells = [
      String(pods).padEnd(6),
      name.padEnd(24),
      micros.toFixed(1).padStart(11),
      (micros / pods).toFixed(3).padStart(7),
      (bytes / 1024).toFixed(1).padStart(13),
    ];
    console.log(cells.join(' '));
  }
}
