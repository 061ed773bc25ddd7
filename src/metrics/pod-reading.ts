// Pure: a PodReading, and what it says as a PodUsage.
import type { ContainerUsage, PodReading, PodUsage } from './types.ts';

export function newPodReading(): PodReading {
  return { timestampMs: 0, windowNs: 0, containers: 0, names: [], cpuNanoCores: [], memoryBytes: [] };
}

/** A copy, to be kept. */
export function podUsageOf(reading: PodReading): PodUsage {
  // Made with its first element, an array has room for just that; pushing the first makes room for seventeen.
  const containers = [containerUsage(reading, 0)];
  for (let index = 1; index < reading.containers; index++) containers.push(containerUsage(reading, index));
  return { timestampMs: reading.timestampMs, windowNs: reading.windowNs, containers };
}

function containerUsage({ names, cpuNanoCores, memoryBytes }: PodReading, index: number): ContainerUsage {
  return {
    name: names[index] ?? '',
    cpuNanoCores: cpuNanoCores[index] ?? Number.NaN,
    memoryBytes: memoryBytes[index] ?? Number.NaN,
  };
}
