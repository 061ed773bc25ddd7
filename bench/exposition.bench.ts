// Benchmark: parse and store the expositions of a cluster, no network. `npm run bench:store [-- nodes [pods per node]]`
import { ExpositionParser } from '../src/metrics/exposition.ts';
import { NodeReadings } from '../src/metrics/node-readings.ts';
import { WindowStore } from '../src/metrics/window-store.ts';
import { bytes, expositionText, type KubeletFlavour, kubelet119, kubelet136 } from '../test/support/exposition-text.ts';

const nodeCount = Number(process.argv[2] ?? 5000);
const podsPerNode = Number(process.argv[3] ?? 30);
const warmUpCycles = 4;
const measuredCycles = 6;
const startMs = 1_700_000_000_000;

function podName(node: number, pod: number): string {
  const hash = ((node * 7919 + pod * 104_729) >>> 0).toString(36).padStart(5, '0');
  return `checkout-7c9f8d7b5c-${hash}`;
}

/** Digits as a kubelet writes them: nanoseconds of CPU, bytes of memory, ten-millionths of a second of start time. */
function bodyOf(node: number, cycle: number, flavour: KubeletFlavour): Uint8Array {
  const timestampMs = startMs + cycle * 15_000 + (node % 977);
  return bytes(
    expositionText(
      {
        cpuSeconds: 300_000 + node + cycle * 20.123456789,
        memoryBytes: 16e9 + node * 4096,
        timestampMs,
        containers: Array.from({ length: podsPerNode }, (_, pod) => ({
          container: 'app',
          namespace: `team-${(node * podsPerNode + pod) % 300}`,
          pod: podName(node, pod),
          cpuSeconds: Number((1000 + node + pod * 13 + cycle * 1.234567891).toFixed(9)),
          memoryBytes: 50_000_000 + ((node * 31 + pod * 17 + cycle) % 100_000) * 4096,
          startSeconds: 1_699_990_000 + pod + node / 10_000_000,
          timestampMs,
        })),
      },
      flavour,
    ),
  );
}

function measure(label: string, flavour: KubeletFlavour): void {
  const parser = new ExpositionParser(10_000);
  const readings = new NodeReadings();
  const store = new WindowStore({ resolutionMs: 15_000, sampleMaxAgeMs: 60_000 });
  const names = Array.from({ length: nodeCount }, (_, node) => `node-${node}`);
  let totalMs = 0;
  let totalBytes = 0;
  let totalLines = 0;
  let allocated = 0;
  for (let cycle = 0; cycle < warmUpCycles + measuredCycles; cycle++) {
    const bodies = names.map((_, node) => bodyOf(node, cycle, flavour));
    const nowMs = startMs + cycle * 15_000;
    globalThis.gc?.();
    const heapBefore = process.memoryUsage().heapUsed;
    const cpuBefore = process.cpuUsage();
    for (let node = 0; node < nodeCount; node++) {
      const name = names[node]!;
      const outcome = parser.parse(bodies[node]!, store.node(name).layout, readings, nowMs);
      if (outcome.kind !== 'parsed' || outcome.badLines > 0)
        throw new Error(`node ${name}: ${JSON.stringify(outcome)}`);
      store.commit(name, readings, nowMs);
      parser.settle();
    }
    const cpu = process.cpuUsage(cpuBefore);
    const cpuMs = (cpu.user + cpu.system) / 1000;
    const grown = process.memoryUsage().heapUsed - heapBefore;
    if (cycle === 0) console.log(`${label}: first cycle ${cpuMs.toFixed(0)} ms, ${(grown / 1e6).toFixed(0)} MB heap`);
    if (cycle < warmUpCycles) continue;
    totalMs += cpuMs;
    allocated += grown;
    totalBytes += bodies.reduce((sum, body) => sum + body.length, 0);
    totalLines += bodies.reduce((sum, body) => sum + body.reduce((lines, byte) => lines + Number(byte === 10), 0), 0);
  }
  const usage = store.podUsage('team-0', podName(0, 0), names[0]!);
  if (usage?.windowNs !== 15e9) throw new Error(`wrong usage: ${JSON.stringify(usage)}`);
  const perCycle = totalMs / measuredCycles;
  console.log(
    `${label}: ${perCycle.toFixed(0)} CPU-ms per cycle of ${nodeCount} nodes x ${podsPerNode} pods; ` +
      `${((totalMs * 1e6) / totalLines).toFixed(0)} ns/line, ${(totalBytes / 1e3 / totalMs).toFixed(0)} MB/s, ` +
      `${(totalBytes / measuredCycles / nodeCount / 1000).toFixed(1)} KB/node, ${(allocated / measuredCycles / nodeCount).toFixed(0)} B allocated/node`,
  );
}

measure('kubelet 1.36 (pod and swap families too)', kubelet136);
measure('five families only', { ...kubelet119, withStartTimes: true });
