// Edge: CPU profiles of a Node process, part by part, through its inspector (Chrome DevTools Protocol).
import { writeFile } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import type { CpuProfile } from './profile-summary.ts';

const samplingIntervalUs = 500;
const openTimeoutMs = 10_000;

export interface Profiler {
  /** Profiles the work and writes `PREFIX-PART.cpuprofile`. */
  profiled<T>(part: string, work: () => Promise<T>): Promise<T>;
  close(): void;
}

/** For a contender that is not profiled. */
export const noProfiler: Profiler = { profiled: (_part, work) => work(), close: () => undefined };

/** What a part of the work took, and what the process's memory consists of after it. */
export type ProfileReport = (part: string, profile: CpuProfile, memory: NodeJS.MemoryUsage) => void;

/** Connects to a process that was started with `--inspect=127.0.0.1:PORT`. */
export async function openProfiler(port: number, prefix: string, report: ProfileReport): Promise<Profiler> {
  const session = await openSession(port);
  await session.call('Profiler.enable');
  await session.call('Profiler.setSamplingInterval', { interval: samplingIntervalUs });
  return {
    profiled: async (part, work) => {
      await session.call('Profiler.start');
      const result = await work();
      const { profile } = (await session.call('Profiler.stop')) as { profile: CpuProfile };
      await writeFile(`${prefix}-${part}.cpuprofile`, JSON.stringify(profile));
      const expression = { expression: 'process.memoryUsage()', returnByValue: true };
      const evaluated = (await session.call('Runtime.evaluate', expression)) as {
        result: { value: NodeJS.MemoryUsage };
      };
      report(part, profile, evaluated.result.value);
      return result;
    },
    close: () => session.close(),
  };
}

interface Session {
  call(method: string, params?: object): Promise<unknown>;
  close(): void;
}

async function openSession(port: number): Promise<Session> {
  const socket = new WebSocket(await debuggerUrl(port));
  await new Promise((resolve, reject) => {
    socket.addEventListener('open', resolve, { once: true });
    socket.addEventListener('error', () => reject(new Error('the inspector does not answer')), { once: true });
  });
  const waiting = new Map<number, (result: unknown) => void>();
  socket.addEventListener('message', ({ data }) => {
    const message = JSON.parse(String(data)) as { id?: number; result?: unknown };
    if (message.id === undefined) return;
    waiting.get(message.id)?.(message.result);
    waiting.delete(message.id);
  });
  let lastId = 0;
  return {
    call: (method, params = {}) =>
      new Promise((resolve) => {
        lastId += 1;
        waiting.set(lastId, resolve);
        socket.send(JSON.stringify({ id: lastId, method, params }));
      }),
    close: () => socket.close(),
  };
}

async function debuggerUrl(port: number): Promise<string> {
  const deadlineMs = Date.now() + openTimeoutMs;
  for (;;) {
    const answer = await fetch(`http://127.0.0.1:${port}/json/list`).catch(() => undefined);
    if (answer?.ok) {
      const [target] = (await answer.json()) as readonly { webSocketDebuggerUrl: string }[];
      if (target !== undefined) return target.webSocketDebuggerUrl;
    }
    if (Date.now() > deadlineMs) throw new Error(`no inspector on port ${port}`);
    await sleep(50);
  }
}
