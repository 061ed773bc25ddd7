// Reads test/parity/vectors/conversations.json, and has the same conversations with our own clients, gather, decide and apply.
import { readFileSync } from 'node:fs';
import { apply } from '../../src/controller/apply.ts';
import { createCustomMetrics } from '../../src/controller/custom-metrics.ts';
import { decide } from '../../src/controller/decide/decide.ts';
import type { History } from '../../src/controller/decide/types.ts';
import { gather } from '../../src/controller/gather.ts';
import { SelectorRegistry } from '../../src/controller/selector-registry.ts';
import { TargetPods } from '../../src/controller/target-pods.ts';
import { TargetRegistry } from '../../src/controller/target-registry.ts';
import { parseAutoscaler } from '../../src/crd/parse.ts';
import type { Autoscaler, AutoscalerStatus } from '../../src/crd/types.ts';
import { type ClosableApiClient, createApiClient } from '../../src/kube/client.ts';
import { PodStore } from '../../src/kube/pod-store.ts';
import { createPodProjection } from '../../src/kube/project-pod.ts';
import { createRestMapper } from '../../src/kube/rest-mapper.ts';
import { createScaleClient } from '../../src/kube/scale-client.ts';
import type { EventView } from '../../src/kube/types.ts';
import { type Clock, systemClock } from '../../src/lib/clock.ts';
import { parseLabelSelector } from '../../src/lib/label-selector.ts';
import { objectKey } from '../../src/lib/object-key.ts';
import type { PodLister } from '../../src/lib/views.ts';
import { readExposedUsage } from './exposed-usage.ts';
import { type FakeApiServer, type SeenRequest, send, startFakeApiServer } from './fake-apiserver.ts';
import { fillReading } from './metrics-reader-fake.ts';
import { settings } from './observation-builders.ts';
import { RecordingLogger } from './recording-logger.ts';

interface Answer {
  readonly code: number;
  /** JSON, or text when it is a string. */
  readonly body: unknown;
}

type Answers = Readonly<Record<string, readonly Answer[]>>;

interface PodJson {
  readonly metadata: { readonly name: string };
}

export interface ConversationStep {
  /** Seconds since the epoch. */
  readonly at: number;
  readonly pods: readonly PodJson[];
  /** By `GET /path`; the last one is given again and again. */
  readonly answers: Answers;
  readonly expected: {
    /** With their queries; without discovery. */
    readonly requests: readonly string[];
    /** What is stored in the end. */
    readonly status: unknown;
    /** `Type|Reason|Message`. */
    readonly events?: readonly string[];
    readonly error?: string;
  };
}

export interface Conversation {
  readonly name: string;
  readonly gates: Readonly<Record<string, boolean>>;
  readonly spec: unknown;
  readonly status: unknown;
  readonly rival?: boolean;
  readonly steps: readonly ConversationStep[];
}

interface ConversationFile {
  readonly common: Pick<ConversationStep, 'pods' | 'answers'>;
  readonly conversations: readonly (Omit<Conversation, 'steps'> & {
    readonly steps: readonly (Omit<ConversationStep, 'pods'> & { readonly pods: readonly PodJson[] | null })[];
  })[];
}

const file = new URL('../parity/vectors/conversations.json', import.meta.url);

export function readConversations(): readonly Conversation[] {
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- written by our own generator
  const { common, conversations } = JSON.parse(readFileSync(file, 'utf8')) as ConversationFile;
  return conversations.map((one) => ({
    ...one,
    steps: one.steps.map((step) => ({
      ...step,
      pods: step.pods ?? common.pods,
      answers: { ...common.answers, ...step.answers },
    })),
  }));
}

/** What we asked and said in one step. */
export interface OurSide {
  readonly requests: readonly string[];
  readonly status: AutoscalerStatus;
  readonly events: readonly string[];
  readonly error: string | undefined;
}

const statusPath = '/apis/autoscaling/v2/namespaces/ns/horizontalpodautoscalers/web/status';

/** What a step left, for the next one. */
interface Memory {
  readonly autoscaler: Autoscaler;
  readonly history: History | undefined;
}

/** The same steps with our own code, each request on a real socket. By the name of the conversation. */
export async function converseAll(all: readonly Conversation[]): Promise<ReadonlyMap<string, readonly OurSide[]>> {
  await using server = await startFakeApiServer();
  const options = { clock: systemClock, logger: new RecordingLogger(), userAgent: 'conversation', qps: -1, burst: 1 };
  const api = createApiClient({ ...options, kubeConfig: server.kubeConfig() });
  try {
    const heard = new Map<string, readonly OurSide[]>();
    for (const conversation of all) heard.set(conversation.name, await converse(conversation, server, api));
    return heard;
  } finally {
    await api.close();
  }
}

async function converse(
  conversation: Conversation,
  server: FakeApiServer,
  api: ClosableApiClient,
): Promise<readonly OurSide[]> {
  const said: OurSide[] = [];
  let memory: Memory = { autoscaler: autoscalerOf(conversation, conversation.status), history: undefined };
  for (const step of conversation.steps) {
    const { ours, next } = await look({ conversation, step, server, api }, memory);
    said.push(ours);
    memory = next;
  }
  return said;
}

interface Scene {
  readonly conversation: Conversation;
  readonly step: ConversationStep;
  readonly server: FakeApiServer;
  readonly api: ClosableApiClient;
}

async function look(scene: Scene, memory: Memory): Promise<{ readonly ours: OurSide; readonly next: Memory }> {
  const { conversation, step, server, api } = scene;
  const clock: Clock = { ...systemClock, now: () => step.at * 1000 };
  server.requests.length = 0;
  server.intercept = answering(conversation, step);
  // Discovery is read again in each step, as upstream's caches are emptied between syncs.
  const mapper = createRestMapper({ client: api, clock });
  const scales = createScaleClient({ client: api, mapper });
  const selectors = new SelectorRegistry();
  if (conversation.rival === true) {
    selectors.set('HorizontalPodAutoscaler/ns/other', 'ns', parseLabelSelector('app=web'));
  }
  const targets = new TargetRegistry();
  targets.set(memory.autoscaler);
  const usageOf = readExposedUsage(usageBody(step));
  const { observation } = await gather(
    {
      clock,
      scales,
      targetPods: new TargetPods({ pods: podsOf(step), selectors }),
      metrics: { readPodUsage: ({ namespace, name }, into) => fillReading(usageOf(namespace, name), into) },
      customMetrics: createCustomMetrics({ api, mapper, clock, discoveryMaxAgeMs: 15_000 }),
      targets,
      settings: settings({ gates: conversation.gates }),
    },
    memory.autoscaler,
  );
  const decision = decide(observation, memory.history, clock.now());
  const published: EventView[] = [];
  const events = { publish: (event: EventView) => void published.push(event) };
  const applied = await apply({ api, clock, scales, events }, observation, decision, {
    signal: undefined,
    leavesOutStatus: false,
  });
  if (applied.kind === 'superseded') throw new Error('nobody changes the target in a conversation');
  const { settlement, status } = applied;
  const autoscaler = status.kind === 'written' ? status.autoscaler : memory.autoscaler;
  return {
    ours: {
      requests: server.requests.filter(({ path }) => path.includes('/namespaces/')).map(requestLine),
      status: autoscaler.status,
      events: published.map(({ type, reason, message }) => `${type}|${reason}|${message}`),
      error: status.kind === 'failed' ? (settlement.error ?? status.message) : settlement.error,
    },
    next: { autoscaler, history: settlement.history },
  };
}

export function autoscalerOf({ spec }: Conversation, status: unknown): Autoscaler {
  const metadata = { namespace: 'ns', name: 'web', uid: 'u1', resourceVersion: '7' };
  return parseAutoscaler({ metadata, spec, status }, 'HorizontalPodAutoscaler');
}

function podsOf({ pods }: ConversationStep): PodLister {
  const store = new PodStore(new RecordingLogger());
  const project = createPodProjection();
  for (const pod of pods) store.upsert(objectKey('ns', pod.metadata.name), project(pod));
  return store;
}

/** What upstream is told by the Metrics API, we know from the kubelets. */
function usageBody({ answers }: ConversationStep): unknown {
  const [answer] = answers['GET /apis/metrics.k8s.io/v1beta1/namespaces/ns/pods'] ?? [];
  return answer?.code === 200 ? answer.body : undefined;
}

function answering(conversation: Conversation, { answers }: ConversationStep): FakeApiServer['intercept'] {
  const given = new Map<string, number>();
  return (request, response) => {
    // We patch what upstream puts.
    const key =
      request.path === statusPath ? `PUT ${statusPath}` : `${request.method} ${decodeURIComponent(request.path)}`;
    const list = answers[key] ?? [];
    const index = Math.min(given.get(key) ?? 0, list.length - 1);
    given.set(key, index + 1);
    const answer = list[index] ?? unscripted(conversation, request);
    if (typeof answer.body === 'string') {
      response.writeHead(answer.code, { 'content-type': 'text/plain; charset=utf-8' });
      response.end(answer.body);
    } else {
      send(response, answer.code, answer.body as object);
    }
    return true;
  };
}

function unscripted({ spec }: Conversation, { method, path, body }: SeenRequest): Answer {
  if (method === 'PUT') return { code: 200, body };
  if (path !== statusPath) return { code: 404, body: '404 page not found\n' };
  const metadata = { namespace: 'ns', name: 'web', uid: 'u1', resourceVersion: '8' };
  return { code: 200, body: { metadata, spec, ...statusOf(body) } };
}

function statusOf(patch: unknown): { status: unknown } {
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- our own patch
  return { status: (patch as { status: unknown }).status };
}

function requestLine({ method, path, query }: SeenRequest): string {
  return `${method} ${path}${query.size === 0 ? '' : `?${query.toString()}`}`;
}
