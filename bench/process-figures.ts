// Edge: what Linux knows of a process: processor time and memory.
import { readFileSync, writeFileSync } from 'node:fs';

export interface ProcessMemory {
  /** VmRSS. */
  readonly residentBytes: number;
  /** VmHWM: the most that was resident since the start, or since `resetPeak`. */
  readonly peakBytes: number;
  /** VmData: what was allocated, touched or not. What V8 and OpenSSL reserve counts from when it may be written to. */
  readonly allocatedBytes: number;
}

/** USER_HZ of Linux on every architecture that Node runs on. */
const ticksPerSecond = 100;

/** User and system time of all threads so far, in seconds; steps of 10 ms. */
export function cpuSeconds(pid: number): number {
  return parseCpuSeconds(readFileSync(`/proc/${pid}/stat`, 'utf8'));
}

export function memoryOf(pid: number): ProcessMemory {
  return parseMemory(readFileSync(`/proc/${pid}/status`, 'utf8'));
}

/** VmHWM begins again at what is resident now. proc(5), clear_refs. */
export function resetPeak(pid: number): void {
  writeFileSync(`/proc/${pid}/clear_refs`, '5');
}

/** Of the text of /proc/PID/stat: fields 14 and 15, counted from 1. The name in field 2 may hold spaces and parentheses. */
export function parseCpuSeconds(stat: string): number {
  const afterName = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  const field = (number: number): number => Number(afterName[number - 3]);
  const seconds = (field(14) + field(15)) / ticksPerSecond;
  if (!Number.isFinite(seconds)) throw new RangeError(`not the text of /proc/PID/stat: ${stat}`);
  return seconds;
}

/** Of the text of /proc/PID/status. */
export function parseMemory(status: string): ProcessMemory {
  const bytes = (name: string): number => {
    const kibibytes = new RegExp(`^${name}:\\s+(\\d+) kB$`, 'm').exec(status)?.[1];
    if (kibibytes === undefined) throw new RangeError(`/proc/PID/status has no ${name}: is it a zombie?`);
    return Number(kibibytes) * 1024;
  };
  return { residentBytes: bytes('VmRSS'), peakBytes: bytes('VmHWM'), allocatedBytes: bytes('VmData') };
}
