// Edge: the well-behaved clients, in a thread of their own, so that the fuzzer's work is not taken for Headroom's.
import { Agent, request } from 'node:https';
import { performance } from 'node:perf_hooks';
import { setTimeout as sleep } from 'node:timers/promises';
import { parentPort, workerData } from 'node:worker_threads';
import { host } from './target.ts';
import type { WatchedClient, WatchReport } from './watcher.ts';

/** Longer than any bound, so that late is told from never. */
const giveUpMs = 30_000;
const { clients, port } = workerData as { readonly clients: readonly WatchedClient[]; readonly port: number };
const stop = new AbortController();
parentPort?.once('message', () => stop.abort());
/** No transfers. */
const tell = (report: WatchReport): void => parentPort?.postMessage(report, []);

async function watch(client: WatchedClient): Promise<void> {
  const agent = client.keepAlive ? new Agent({ keepAlive: true, maxSockets: 1 }) : new Agent({ maxSockets: 1 });
  for (let turn = 0; !stop.signal.aborted; turn++) {
    const path = client.paths[turn % client.paths.length] ?? '/livez';
    const beganAtMs = performance.now();
    const { status, body } = await ask(client, path, agent);
    const report: WatchReport = {
      client: client.name,
      path,
      status,
      tookMs: performance.now() - beganAtMs,
      sampleAges: path.endsWith('/nodes') && status === 200 ? sampleAges(body) : undefined,
    };
    tell(report);
    await sleep(client.everyMs);
  }
  agent.destroy();
}

interface Answer {
  /** 0: none. */
  readonly status: number;
  readonly body: string;
}

function ask({ cert, key, headers }: WatchedClient, path: string, agent: Agent): Promise<Answer> {
  return new Promise((resolve) => {
    const tls = cert === undefined || key === undefined ? {} : { cert, key };
    const options = { host, port, path, agent, headers: { ...headers }, rejectUnauthorized: false, ...tls };
    const sent = request(options, (answer) => {
      let body = '';
      answer.setEncoding('utf8').on('data', (text: string) => {
        body += text;
      });
      answer.on('end', () => done({ status: answer.statusCode ?? 0, body }));
      answer.on('error', () => done({ status: 0, body }));
    });
    const timer = setTimeout(() => sent.destroy(), giveUpMs);
    const done = (answer: Answer): void => {
      clearTimeout(timer);
      resolve(answer);
    };
    sent.on('error', () => done({ status: 0, body: '' }));
    sent.end();
  });
}

/** By node, in milliseconds. */
function sampleAges(body: string): Readonly<Record<string, number>> {
  const { items } = JSON.parse(body) as {
    readonly items: readonly { metadata: { name: string }; timestamp: string }[];
  };
  return Object.fromEntries(items.map((item) => [item.metadata.name, Date.now() - Date.parse(item.timestamp)]));
}

/** How late this thread's own timers are: what of all the delays is the machine's. */
async function watchMachine(): Promise<void> {
  const everyMs = 100;
  while (!stop.signal.aborted) {
    const beganAtMs = performance.now();
    await sleep(everyMs);
    tell({
      client: 'machine',
      path: '',
      status: 200,
      tookMs: performance.now() - beganAtMs - everyMs,
      sampleAges: undefined,
    });
  }
}

await Promise.all([watchMachine(), ...clients.map(watch)]);
parentPort?.close();
