// Flow: drives the load, watches what comes of it, and shows it, until the time is up or somebody ends it.
import { setTimeout as sleep } from 'node:timers/promises';
import { createApiClient } from '../src/kube/client.ts';
import { loadKubeConfig } from '../src/kube/kube-config.ts';
import type { ApiClient } from '../src/kube/types.ts';
import { systemClock } from '../src/lib/clock.ts';
import { silentLogger } from '../src/lib/logger.ts';
import { readDecision } from './decision-record.ts';
import type { Headroom } from './headroom.ts';
import { loadPhaseAt } from './load-course.ts';
import { LogTail } from './log-tail.ts';
import { observe } from './observe.ts';
import type { Stage } from './stage.ts';
import { Story, type StoryView } from './story.ts';

const tickMs = 1_000;
const firstUsageTimeoutMs = 60_000;
const controlPlaneParts = 4;

export interface LiveOptions {
  readonly stage: Stage;
  readonly headroom: Headroom;
  /** undefined: until the signal. */
  readonly forMs: number | undefined;
  readonly show: (story: StoryView) => void;
  readonly signal: AbortSignal;
}

/** Resolves with all that happened; throws when a process that the demo consists of has ended. */
export async function runLive({ stage, headroom, forMs, show, signal }: LiveOptions): Promise<StoryView> {
  const client = createApiClient({
    kubeConfig: loadKubeConfig(stage.controlPlane.kubeconfigPath),
    clock: systemClock,
    logger: silentLogger,
    userAgent: 'headroom-demo',
    qps: -1,
    burst: 1,
  });
  await using undo = new AsyncDisposableStack();
  undo.defer(() => client.close());
  const log = undo.use(await LogTail.open(headroom.logPath));
  const story = new Story(Date.now());
  while (!signal.aborted && Date.now() - story.startedAtMs < (forMs ?? Number.POSITIVE_INFINITY)) {
    await driveLoad(stage, story);
    await learn(story, { stage, client, log, signal });
    failIfEnded(stage, headroom);
    failIfUnmeasured(story, headroom);
    show(story);
    const intoTickMs = (Date.now() - story.startedAtMs) % tickMs;
    await sleep(tickMs - intoTickMs, undefined, { signal }).catch(() => undefined); // aborted: the loop's condition sees it
  }
  return story;
}

async function driveLoad(stage: Stage, story: Story): Promise<void> {
  const nowMs = Date.now();
  const { level } = loadPhaseAt(nowMs - story.startedAtMs);
  if (story.steps.at(-1)?.level === level) return;
  await stage.setLoad(level);
  story.loadChanged(level, nowMs);
}

interface Sources {
  readonly stage: Stage;
  readonly client: ApiClient;
  readonly log: LogTail;
  readonly signal: AbortSignal;
}

async function learn(story: Story, { stage, client, log, signal }: Sources): Promise<void> {
  try {
    story.clusterSeen(await observe(client, stage.example, signal), Date.now());
  } catch {
    // One look that failed, or that was given up: the next one comes in a second, and an end is seen by failIfEnded.
  }
  for (const line of await log.newLines()) {
    const decision = readDecision(line);
    if (decision?.autoscaler.endsWith(`default/${stage.example.name}`) === true) story.decided(decision);
  }
}

function failIfEnded({ controlPlane }: Stage, headroom: Headroom): void {
  if (!headroom.isRunning()) throw headroom.failure('Headroom has ended');
  if (controlPlane.pids().length < controlPlaneParts) {
    const left = controlPlane.pids().map(({ name }) => name);
    throw new Error(`part of the control plane has ended; what is left: ${left.join(', ')}`);
  }
}

/** Two scrapes make a usage; the first measured pod is what `kubectl top pods` needs to answer. */
function failIfUnmeasured({ samples, startedAtMs }: StoryView, headroom: Headroom): void {
  if (Date.now() - startedAtMs < firstUsageTimeoutMs) return;
  if (samples.some(({ utilization }) => utilization !== undefined)) return;
  throw headroom.failure(`the Metrics API has no usage of any pod after ${firstUsageTimeoutMs / 1000} s`);
}
