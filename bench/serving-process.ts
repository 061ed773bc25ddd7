// The Metrics API as a process of its own, over filled stores: what `npm run bench:serving` measures. The parent says when, by messages.
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { Session } from 'node:inspector/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { Registry } from 'prom-client';
import type { ApiClient, ApiRequest } from '../src/kube/types.ts';
import { systemClock } from '../src/lib/clock.ts';
import { everything } from '../src/lib/label-selector.ts';
import { createMetricsApi } from '../test/api/assemble.ts';
import { authority, servingIdentity } from '../test/api/certificates.ts';
import { RecordingLogger } from '../test/support/recording-logger.ts';
import { fillStores } from './filled-stores.ts';
import type { CpuProfile } from './profile-summary.ts';

/** What the parent sends: begin a part of the measurement, with a profile or without, or end it. */
export type ServingCommand = { readonly begin: true; readonly profile: boolean } | { readonly begin: false };

/** What it gets: first the port, then one for each part that ended. */
export interface ServingStarted {
  readonly port: number;
}
export interface ServingPart {
  /** Longest time for which the event loop served nobody else; on a shared machine that includes others' turns on the processor. */
  readonly longestDelayMs: number;
  /** The most processor time of its thread between two chances for others: what of the delay is our own doing. */
  readonly longestPieceMs: number;
  readonly residentBytes: number;
  readonly profile: CpuProfile | undefined;
}

/** An API server that knows every token and allows everything. */
const permissive: ApiClient = {
  request: async <T>({ path }: ApiRequest): Promise<T> => {
    await new Promise((resolve) => setImmediate(resolve));
    const user = { username: 'system:serviceaccount:bench:load', uid: 'u', groups: ['system:serviceaccounts'] };
    const answer = path.includes('/tokenreviews') ? { authenticated: true, user } : { allowed: true };
    return { status: answer } as T;
  },
  stream: () => Promise.reject(new Error('not used')),
};

const podCount = Number(process.argv[2] ?? 150_000);
const logger = new RecordingLogger();
const { pods, reader } = fillStores(podCount, Date.now(), logger);
const directory = await mkdtemp(join(tmpdir(), 'headroom-serving-'));
const ca = authority('bench-ca');
const serving = servingIdentity('headroom', ca);
const certificateFile = join(directory, 'tls.crt');
const keyFile = join(directory, 'tls.key');
await writeFile(keyFile, serving.keyPem);
await writeFile(certificateFile, serving.certificatePem);

const server = await createMetricsApi({
  clock: systemClock,
  logger,
  reader,
  nodes: { get: () => undefined, list: () => [] },
  pods,
  nodeSelector: everything,
  registry: new Registry(),
  probes: {
    hasUsages: () => true,
    nodesSynced: () => true,
    podsSynced: () => true,
    isCollectionTimely: () => true,
  },
  settings: {
    bindAddress: '127.0.0.1',
    securePort: 0,
    tlsMinVersion: 'TLSv1.2',
    tlsCipherSuites: [],
    disableHttp2: false,
    http2MaxStreams: 250,
    requestTimeoutMs: 60_000,
    maxReadsInFlight: 400,
    maxWritesInFlight: 200,
  },
  versionInfo: { major: '1', minor: '36', gitVersion: 'v0.1.0' },
  authenticationClient: permissive,
  authorizationClient: permissive,
  trustSettings: {
    clientCaFile: '',
    requestHeaderClientCaFile: '',
    requestHeader: { allowedNames: [], usernameHeaders: [], uidHeaders: [], groupHeaders: [], extraHeaderPrefixes: [] },
    skipLookup: true,
    tolerateLookupFailure: false,
  },
  certificateSettings: { certificateFile, keyFile, certificateDir: directory, bindAddress: '127.0.0.1', named: [] },
  accessSettings: { tokenTtlMs: 10_000, allowedTtlMs: 10_000, deniedTtlMs: 10_000, alwaysAllowPaths: [] },
  signal: new AbortController().signal,
});

const delays = monitorEventLoopDelay({ resolution: 1 });
delays.enable();
/** Looks every millisecond: what the thread used since the last look was one piece, or several short ones. */
const pieces = { longestUs: 0, lastUs: 0 };
setInterval(() => {
  const { user, system } = process.threadCpuUsage();
  pieces.longestUs = Math.max(pieces.longestUs, user + system - pieces.lastUs);
  pieces.lastUs = user + system;
}, 1);
const inspector = new Session();
inspector.connect();
await inspector.post('Profiler.enable');
await inspector.post('Profiler.setSamplingInterval', { interval: 500 });
let isProfiling = false;

async function onCommand(command: ServingCommand): Promise<void> {
  if (command.begin) {
    isProfiling = command.profile;
    globalThis.gc?.();
    if (isProfiling) await inspector.post('Profiler.start');
    delays.reset();
    const { user, system } = process.threadCpuUsage();
    Object.assign(pieces, { longestUs: 0, lastUs: user + system });
    process.send?.({});
    return;
  }
  const longestDelayMs = delays.max / 1e6;
  const longestPieceMs = pieces.longestUs / 1000;
  const profile = isProfiling ? (await inspector.post('Profiler.stop')).profile : undefined;
  process.send?.({ longestDelayMs, longestPieceMs, residentBytes: process.memoryUsage.rss(), profile });
}

process.on('message', (command: ServingCommand) => void onCommand(command));
process.on('disconnect', () => void rm(directory, { recursive: true }).then(() => process.exit(0)));
const started: ServingStarted = await server.listen();
process.send?.(started);
