// Pure: the request of a pod for one resource, against which its usage is measured. docs/decision-math.md step 4.3.
import { wrapInt64 } from '../../lib/go-numbers.ts';
import type { ContainerRequests, PodTemplateView, PodView } from '../../lib/views.ts';

type Requests = Readonly<Record<string, bigint>>;

/** What to look up: `container` '' means the whole pod. */
export interface RequestQuestion {
  readonly resource: string;
  readonly container: string;
  /** Feature gate PodLevelResources. */
  readonly podLevelResources: boolean;
}

/** Milli-units, or the error text for a pod of that template. */
export type PodRequest =
  | { readonly kind: 'found'; readonly milli: bigint }
  | { readonly kind: 'missing'; readonly messageFor: (podName: string) => string };

/**
 * A function from pod to request. Pods of one template share their PodTemplateView, so the last answer is kept: a
 * Deployment of 5,000 pods costs one look at its containers.
 */
export function createRequestReader(question: RequestQuestion): (pod: PodView) => PodRequest {
  let template: PodTemplateView | undefined;
  let answer: PodRequest | undefined;
  return (pod) => {
    if (answer === undefined || pod.template !== template) {
      template = pod.template;
      answer = requestOfTemplate(template, question);
    }
    return answer;
  };
}

function requestOfTemplate(template: PodTemplateView, question: RequestQuestion): PodRequest {
  const { resource, container } = question;
  if (container !== '') return requestOfContainer(template, container, resource);
  if (question.podLevelResources && hasPodLevelRequests(template)) return podLevelRequest(template, resource);
  return sumOfContainers(template, resource);
}

/** 4.3.1: one named container. */
function requestOfContainer(template: PodTemplateView, name: string, resource: string): PodRequest {
  const container = longRunning(template).find((candidate) => candidate.name === name);
  if (container === undefined) {
    return { kind: 'missing', messageFor: (pod) => `container ${name} not found in Pod ${pod}` };
  }
  return found(lookUp(container.requestsMilli, resource)) ?? missingIn(container, resource);
}

/** 4.3.2: what the pod as a whole asks for, its containers' sum where it says nothing, and its overhead. */
function podLevelRequest(template: PodTemplateView, resource: string): PodRequest {
  const ofPod = isPodLevelResource(resource) ? lookUp(template.podRequestsMilli, resource) : undefined;
  const request = add(ofPod ?? effectiveRequest(template, resource), lookUp(template.overheadMilli, resource));
  return (
    found(request) ?? {
      kind: 'missing',
      messageFor: (pod) => `missing pod-level request for ${resource} in Pod ${pod}`,
    }
  );
}

/** 4.3.3: each container must say what it asks for. */
function sumOfContainers(template: PodTemplateView, resource: string): PodRequest {
  let sumMilli = 0n;
  for (const container of longRunning(template)) {
    const request = lookUp(container.requestsMilli, resource);
    if (request === undefined) return missingIn(container, resource);
    sumMilli += request;
  }
  return { kind: 'found', milli: wrapInt64(sumMilli) };
}

/** Containers that run along with the pod: its containers, then its sidecars. */
function longRunning(template: PodTemplateView): readonly ContainerRequests[] {
  return [...template.containers, ...template.initContainers.filter(({ restartPolicyAlways }) => restartPolicyAlways)];
}

/** What the scheduler would reserve: all long-running containers, or the peak while starting, whichever is more. */
function effectiveRequest(template: PodTemplateView, resource: string): bigint | undefined {
  let running: bigint | undefined;
  for (const container of longRunning(template)) running = add(running, lookUp(container.requestsMilli, resource));

  let peak: bigint | undefined;
  let sidecarsStarted: bigint | undefined;
  for (const container of template.initContainers) {
    const request = lookUp(container.requestsMilli, resource);
    const whileStarting = add(sidecarsStarted, request);
    if (container.restartPolicyAlways) sidecarsStarted = whileStarting;
    peak = larger(peak, whileStarting);
  }
  return larger(running, peak);
}

function hasPodLevelRequests(template: PodTemplateView): boolean {
  return Object.keys(template.podRequestsMilli ?? {}).some(isPodLevelResource);
}

function isPodLevelResource(resource: string): boolean {
  return resource === 'cpu' || resource === 'memory' || resource.startsWith('hugepages-');
}

/** Resource names come from users: `toString` is one like any other. */
function lookUp(requests: Requests | undefined, resource: string): bigint | undefined {
  return requests !== undefined && Object.hasOwn(requests, resource) ? requests[resource] : undefined;
}

/** A resource that neither side names stays unnamed. */
function add(a: bigint | undefined, b: bigint | undefined): bigint | undefined {
  if (a === undefined || b === undefined) return a ?? b;
  return wrapInt64(a + b);
}

function larger(a: bigint | undefined, b: bigint | undefined): bigint | undefined {
  if (a === undefined || b === undefined) return a ?? b;
  return a > b ? a : b;
}

function found(milli: bigint | undefined): PodRequest | undefined {
  return milli === undefined ? undefined : { kind: 'found', milli };
}

function missingIn(container: ContainerRequests, resource: string): PodRequest {
  return {
    kind: 'missing',
    messageFor: (pod) => `missing request for ${resource} in container ${container.name} of Pod ${pod}`,
  };
}
