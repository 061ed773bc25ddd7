// Benchmark: requests to the real API server over TLS, with a bearer token, over filled stores: CPU of each, and how long others waited for the event loop.
// `npm run bench:serving [-- --pods N --only TEXT --requests N --profile]`
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { wholeNumber } from '../test/support/flag-values.ts';
import { appOf, nameOf, namespaceOf, podsPerApp, podsPerNamespace } from './filled-stores.ts';
import { type LoadResult, runLoad } from './load.ts';
import { apiPath, podPath } from './metrics-api.ts';
import { renderProfile, summarizeProfile } from './profile-summary.ts';
import type { ServingCommand, ServingPart, ServingStarted } from './serving-process.ts';

interface Plan {
  readonly name: string;
  readonly paths: readonly string[];
  readonly connections: number;
  readonly requests: number;
  /** Unmeasured, before. */
  readonly warmUp: number;
  readonly headers?: readonly string[];
}

const { values } = parseArgs({
  options: {
    pods: { type: 'string', default: '150000' },
    requests: { type: 'string', default: '8000' },
    only: { type: 'string', default: '' },
    profile: { type: 'boolean', default: false },
  },
});
const pods = wholeNumber(values.pods, '--pods', podsPerApp, 1_000_000);
const small = { requests: wholeNumber(values.requests, '--requests', 1, 10_000_000), warmUp: 3_000 };

/** As long as a service account's. */
const token = 'eyJhbGciOiJSUzI1NiIsImtpZCI6Ijd'.padEnd(1000, 'aB3x_');
const json = 'Accept: application/json';
const protobuf = 'Accept: application/vnd.kubernetes.protobuf';
const all = [`${apiPath}/pods`];

/** Up to `count` numbers below `limit`, far from each other. */
function spread(limit: number, count: number): readonly number[] {
  const step = Math.max(1, Math.floor(limit / count));
  return Array.from({ length: Math.min(limit, count) }, (_, index) => (index * step) % limit);
}

const getPaths = spread(pods, 997).map((pod) => podPath({ namespace: namespaceOf(pod), name: nameOf(pod) }));
const selectorPaths = spread(Math.floor(Math.min(pods, podsPerNamespace) / podsPerApp), 199).map(
  (app) => `${apiPath}/namespaces/team-0/pods?labelSelector=app%3D${appOf(app * podsPerApp)}`,
);

const forms: readonly (readonly [string, readonly string[]])[] = [
  ['JSON', [json]],
  ['protobuf', [protobuf]],
  ['JSON, gzip', [json, 'Accept-Encoding: gzip']],
  ['Table', ['Accept: application/json;as=Table;v=v1;g=meta.k8s.io']],
  ['YAML', ['Accept: application/yaml']],
  ['indented JSON', [json, 'User-Agent: curl/8']],
];

const plans: readonly Plan[] = [
  { name: 'GET, 8 connections', paths: getPaths, connections: 8, ...small },
  { name: 'GET, 1 connection', paths: getPaths, connections: 1, ...small },
  { name: 'GET, protobuf, 8 connections', paths: getPaths, connections: 8, headers: [protobuf], ...small },
  { name: 'LIST by label, 8 connections', paths: selectorPaths, connections: 8, ...small },
  { name: 'LIST by label, 1 connection', paths: selectorPaths, connections: 1, ...small },
  ...forms.flatMap(([form, headers]): readonly Plan[] => [
    { name: `LIST all, ${form}, 1 connection`, paths: all, connections: 1, requests: 5, warmUp: 1, headers },
    { name: `LIST all, ${form}, 8 connections`, paths: all, connections: 8, requests: 16, warmUp: 0, headers },
  ]),
];

const server = fork(fileURLToPath(new URL('serving-process.ts', import.meta.url)), [String(pods)], {
  execArgv: ['--expose-gc'],
});

async function message<T>(): Promise<T> {
  const [answer] = (await once(server, 'message')) as [T];
  return answer;
}

async function command<T>(one: ServingCommand): Promise<T> {
  server.send(one);
  return await message<T>();
}

async function measure(port: number, plan: Plan): Promise<{ load: LoadResult; part: ServingPart }> {
  const { paths, connections, requests, warmUp, headers = [json] } = plan;
  const warmUpPath = paths[0] ?? '';
  const target = { port, serverPid: server.pid ?? 0, headers: [`Authorization: Bearer ${token}`, ...headers] };
  const job = { ...target, paths, connections, warmUpPath, durationMs: 0, requests };
  // Until V8 has compiled what is measured.
  if (warmUp > 0) await runLoad({ ...job, requests: warmUp }, new AbortController().signal);
  await command({ begin: true, profile: values.profile });
  const load = await runLoad(job, new AbortController().signal);
  return { load, part: await command<ServingPart>({ begin: false }) };
}

const { port } = await message<ServingStarted>();
for (const plan of plans.filter(({ name }) => name.includes(values.only))) {
  const { load, part } = await measure(port, plan);
  const cpuMs = (load.serverCpuSeconds * 1000) / load.latencyMs.count;
  const cells = [
    plan.name.padEnd(38),
    `${cpuMs.toFixed(3).padStart(9)} CPU-ms each`,
    `p50 ${load.latencyMs.p50.toFixed(1).padStart(7)} ms`,
    `${load.perSecond.toFixed(1).padStart(8)}/s`,
    `${(load.bodyBytes / 1e6).toFixed(4).padStart(8)} MB`,
    `others waited ${part.longestDelayMs.toFixed(0).padStart(5)} ms, for ${part.longestPieceMs.toFixed(0).padStart(4)} CPU-ms`,
    `resident ${(part.residentBytes / 1e6).toFixed(0).padStart(5)} MB`,
  ];
  console.log(cells.join('  '));
  if (part.profile !== undefined) console.log(renderProfile(plan.name, summarizeProfile(part.profile, 45)));
}
server.disconnect();
