// A Metrics API on a real TLS socket with certificates of its own, a scripted API server behind it, and a client to ask it.
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import type { IncomingHttpHeaders, IncomingMessage } from 'node:http';
import { Agent, request as httpsRequest } from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connect, type TLSSocket } from 'node:tls';
import { Registry } from 'prom-client';
import type { ApiServer, ApiServerSettings } from '../../src/api/server.ts';
import type { ApiClient, ApiRequest } from '../../src/kube/types.ts';
import { type Clock, systemClock } from '../../src/lib/clock.ts';
import { everything } from '../../src/lib/label-selector.ts';
import {
  MetricsReaderFake,
  NodeListerFake,
  nodeUsage,
  nodeView,
  PodListerFake,
  podUsage,
  podView,
} from '../support/metrics-reader-fake.ts';
import { RecordingLogger } from '../support/recording-logger.ts';
import { createMetricsApi, type MetricsApiDeps } from './assemble.ts';
import { authority, client, type Identity, servingIdentity } from './certificates.ts';

/** The time of all answers. */
export const nowMs = Date.parse('2026-11-21T11:29:44.321Z');
export const nowText = '2026-11-21T11:29:44Z';

/** Real time for sockets, and steps on top of it: `advance` wakes every sleeper, which then looks at the time again. */
export class SteppedClock implements Clock {
  nowMs: number;
  #skewMs = 0;
  #step = new AbortController();

  constructor(at: number) {
    this.nowMs = at;
  }

  now(): number {
    return this.nowMs;
  }

  monotonic(): number {
    return systemClock.monotonic() + this.#skewMs;
  }

  sleep(ms: number, signal?: AbortSignal): Promise<void> {
    return systemClock.sleep(
      ms,
      signal === undefined ? this.#step.signal : AbortSignal.any([signal, this.#step.signal]),
    );
  }

  deadline(ms: number, signal?: AbortSignal): AbortSignal {
    return systemClock.deadline(ms, signal);
  }

  advance(ms: number): void {
    this.nowMs += ms;
    this.#skewMs += ms;
    this.#step.abort();
    this.#step = new AbortController();
  }
}

/** Waits until a condition holds; fails with its text after ten seconds. */
export async function eventually(text: string, holds: () => boolean | Promise<boolean>): Promise<void> {
  const untilMs = systemClock.monotonic() + 10_000;
  while (!(await holds())) {
    if (systemClock.monotonic() > untilMs) throw new Error(`never came true: ${text}`);
    await systemClock.sleep(5);
  }
}

/** An API server made of functions, which tests replace. */
class ApiClientFake implements ApiClient {
  readonly requests: ApiRequest[] = [];
  config: Record<string, string> = {};
  tokens: Record<string, { username: string; groups?: string[]; uid?: string; extra?: Record<string, string[]> }> = {};
  review: (spec: SarSpec) => boolean | { allowed: boolean; reason?: string } = () => false;
  /** Set: every request fails with it. */
  failure: Error | undefined;

  async request<T>(request: ApiRequest): Promise<T> {
    this.requests.push(request);
    await new Promise((resolve) => setImmediate(resolve));
    if (this.failure !== undefined) throw this.failure;
    return this.#answer(request) as T;
  }

  stream(): Promise<AsyncIterable<Uint8Array>> {
    throw new Error('not used');
  }

  #answer({ path, body }: ApiRequest): unknown {
    if (path.endsWith('/configmaps/extension-apiserver-authentication')) return { data: this.config };
    const { spec } = body as { spec: SarSpec & { token: string } };
    if (path.endsWith('/tokenreviews')) {
      const user = this.tokens[spec.token];
      return { status: user === undefined ? { authenticated: false } : { authenticated: true, user } };
    }
    const outcome = this.review(spec);
    return { status: typeof outcome === 'boolean' ? { allowed: outcome } : outcome };
  }

  count(end: string): number {
    return this.requests.filter(({ path }) => path.includes(end)).length;
  }
}

interface SarSpec {
  readonly user: string;
  readonly groups?: readonly string[];
  readonly extra?: Record<string, readonly string[]>;
  readonly resourceAttributes?: {
    verb: string;
    resource: string;
    subresource?: string;
    namespace?: string;
    name?: string;
  };
  readonly nonResourceAttributes?: { path: string; verb: string };
}

/** Keys take a while to make, so tests share them. */
export interface Pki {
  readonly clusterCa: Identity;
  readonly proxyCa: Identity;
  readonly otherCa: Identity;
  readonly serving: Identity;
  readonly admin: Identity;
  readonly proxy: Identity;
}

export function createPki(): Pki {
  const clusterCa = authority('cluster-ca');
  const proxyCa = authority('proxy-ca');
  const otherCa = authority('other-ca');
  return {
    clusterCa,
    proxyCa,
    otherCa,
    serving: servingIdentity('headroom', clusterCa),
    admin: client('admin', clusterCa, { organizations: ['system:masters'] }),
    proxy: client('front-proxy-client', proxyCa),
  };
}

export function proxyConfig(pki: Pki): Record<string, string> {
  return {
    'client-ca-file': pki.clusterCa.certificatePem,
    'requestheader-client-ca-file': pki.proxyCa.certificatePem,
    'requestheader-allowed-names': '["front-proxy-client"]',
    'requestheader-username-headers': '["X-Remote-User"]',
    'requestheader-group-headers': '["X-Remote-Group"]',
    'requestheader-extra-headers-prefix': '["X-Remote-Extra-"]',
  };
}

/** No files: the ConfigMap says whom to trust. */
export const trustByLookup: MetricsApiDeps['trustSettings'] = {
  clientCaFile: '',
  requestHeaderClientCaFile: '',
  requestHeader: { allowedNames: [], usernameHeaders: [], uidHeaders: [], groupHeaders: [], extraHeaderPrefixes: [] },
  skipLookup: false,
  tolerateLookupFailure: false,
};

export interface ApiAnswer {
  readonly code: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
  readonly text: string;
}

export interface Ask {
  readonly method?: string;
  readonly headers?: Record<string, string | string[]>;
  /** undefined shows no certificate. */
  readonly as?: Pick<Identity, 'certificatePem' | 'keyPem'> | undefined;
  readonly agent?: Agent;
  readonly body?: string;
}

export class ApiHarness {
  readonly pki: Pki;
  readonly client = new ApiClientFake();
  readonly reader = new MetricsReaderFake();
  readonly nodes = new NodeListerFake();
  readonly pods = new PodListerFake();
  readonly logger = new RecordingLogger();
  readonly clock: SteppedClock;
  readonly registry = new Registry();
  readonly probes = { hasUsages: true, nodesSynced: true, podsSynced: true, isCollectionTimely: true };
  readonly #stopped = new AbortController();
  readonly #agents: Agent[] = [];
  directory = '';
  server!: ApiServer;
  port = 0;

  constructor(pki: Pki, clock = new SteppedClock(nowMs)) {
    this.pki = pki;
    this.clock = clock;
    this.client.config = proxyConfig(pki);
  }

  async start(settings: Partial<ApiServerSettings> = {}, more: Partial<MetricsApiDeps> = {}): Promise<this> {
    await this.prepare();
    this.server = await createMetricsApi({ ...this.#deps(settings), ...more });
    this.port = (await this.server.listen()).port;
    return this;
  }

  /** Makes the folder of the certificates, once; `start` does it too. */
  async prepare(): Promise<void> {
    if (this.directory !== '') return;
    this.directory = await mkdtemp(join(tmpdir(), 'headroom-api-'));
    await this.writeServing(this.pki.serving);
  }

  #deps(settings: Partial<ApiServerSettings>): MetricsApiDeps {
    const { probes } = this;
    return {
      clock: this.clock,
      logger: this.logger,
      reader: this.reader,
      nodes: this.nodes,
      pods: this.pods,
      nodeSelector: everything,
      registry: this.registry,
      probes: {
        hasUsages: () => probes.hasUsages,
        nodesSynced: () => probes.nodesSynced,
        podsSynced: () => probes.podsSynced,
        isCollectionTimely: () => probes.isCollectionTimely,
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
        ...settings,
      },
      versionInfo: { major: '1', minor: '36', gitVersion: 'v0.1.0' },
      authenticationClient: this.client,
      authorizationClient: this.client,
      trustSettings: trustByLookup,
      certificateSettings: {
        certificateFile: join(this.directory, 'tls.crt'),
        keyFile: join(this.directory, 'tls.key'),
        certificateDir: this.directory,
        bindAddress: '127.0.0.1',
        named: [],
      },
      accessSettings: {
        tokenTtlMs: 10_000,
        allowedTtlMs: 10_000,
        deniedTtlMs: 10_000,
        alwaysAllowPaths: ['/healthz', '/readyz', '/livez'],
      },
      signal: this.#stopped.signal,
    };
  }

  async writeServing({ certificatePem, keyPem }: Pick<Identity, 'certificatePem' | 'keyPem'>): Promise<void> {
    await writeFile(join(this.directory, 'tls.key'), keyPem);
    await writeFile(join(this.directory, 'tls.crt'), certificatePem);
  }

  /** An agent that keeps one connection. */
  agent(as?: Pick<Identity, 'certificatePem' | 'keyPem'>): Agent {
    const agent = new Agent({
      keepAlive: true,
      maxSockets: 1,
      rejectUnauthorized: false,
      ...(as === undefined ? {} : { cert: as.certificatePem, key: as.keyPem }),
    });
    this.#agents.push(agent);
    return agent;
  }

  /** A connection of system:masters, for bytes as no HTTP library sends them. */
  async connect(): Promise<TLSSocket> {
    const { certificatePem: cert, keyPem: key } = this.pki.admin;
    const socket = connect({ host: '127.0.0.1', port: this.port, rejectUnauthorized: false, cert, key });
    await once(socket, 'secureConnect');
    return socket;
  }

  /** Asks as system:masters unless `as` says otherwise. */
  async ask(path: string, ask: Ask = {}): Promise<ApiAnswer> {
    const as = 'as' in ask ? ask.as : this.pki.admin;
    const request = httpsRequest({
      host: '127.0.0.1',
      port: this.port,
      path,
      method: ask.method ?? 'GET',
      headers: ask.headers ?? {},
      rejectUnauthorized: false,
      agent: ask.agent ?? false,
      ...(as === undefined ? {} : { cert: as.certificatePem, key: as.keyPem }),
    });
    request.end(ask.body);
    const [response] = (await once(request, 'response')) as [IncomingMessage];
    const chunks: Buffer[] = [];
    for await (const chunk of response) chunks.push(chunk as Buffer);
    const body = Buffer.concat(chunks);
    return { code: response.statusCode ?? 0, headers: response.headers, body, text: body.toString('utf8') };
  }

  async stop(): Promise<void> {
    for (const agent of this.#agents) agent.destroy();
    await this.server?.stop(100);
    this.#stopped.abort();
    await rm(this.directory, { recursive: true, force: true });
  }
}

/** The cluster of the examples: two measured nodes and one not, four measured pods and some not. */
export function fillExampleCluster({ nodes, pods, reader }: ApiHarness): void {
  const addNode = (name: string, role: string): void => {
    nodes.nodes.set(name, nodeView({ name, labels: { role, 'kubernetes.io/hostname': name } }));
  };
  addNode('node-b', 'yy');
  addNode('node-a', 'x');
  addNode('node-c', 'x');
  reader.nodeUsages.set('node-a', nodeUsage({ cpuNanoCores: 1_500_000_000, memoryBytes: 4_123_456_789 }));
  reader.nodeUsages.set('node-b', nodeUsage({ windowNs: 14_977_000_000 }));
  const addPod = (namespace: string, name: string, app: string, phase = 'Running'): void => {
    pods.pods.set(`${namespace}/${name}`, podView({ namespace, name, phase, labels: { app } }));
  };
  const mebi = 1_048_576;
  addPod('kube-system', 'dns-1', 'dns');
  addPod('default', 'zz-1', 'zz');
  addPod('default', 'web-2', 'web');
  addPod('default', 'web-1', 'web');
  addPod('default', 'done-1', 'web', 'Succeeded');
  addPod('default', 'nometric-1', 'web');
  const set = (key: string, ...containers: [string, number, number][]): void => {
    const usages = containers.map(([name, cpuNanoCores, memoryBytes]) => ({ name, cpuNanoCores, memoryBytes }));
    reader.podUsages.set(key, podUsage(...usages));
  };
  set('default/web-1', ['nginx', 10_000_000, 10 * mebi], ['side', 20_000_000, 20 * mebi]);
  set('default/web-2', ['nginx', 10_000_000, 10 * mebi]);
  set('default/done-1', ['nginx', 10_000_000, 10 * mebi]);
  set('default/zz-1', ['a', 10_000_000, 10_485_761]);
  set('kube-system/dns-1', ['dns', 123_456_000, 12_000_000]);
}
