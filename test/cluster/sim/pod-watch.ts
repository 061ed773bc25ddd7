// Edge: one list and one watch of all pods that are bound to a node, resumed after every drop.
import type { Clock } from '../../../src/lib/clock.ts';
import { errorMessage } from '../../../src/lib/errors.ts';
import type { Logger } from '../../../src/lib/logger.ts';
import { type SimApiClient, SimApiError } from './api-client.ts';
import type { ApiPod } from './pod-object.ts';

/** Takes pods as they appear, change and go. */
export interface PodSink {
  upsert(pod: ApiPod): void;
  remove(uid: string): void;
}

export interface PodWatchDeps {
  readonly api: SimApiClient;
  readonly clock: Clock;
  readonly logger: Logger;
  /** Pods of other nodes are passed over. */
  hasNode(name: string): boolean;
}

const path = '/api/v1/pods';
const fieldSelector = 'spec.nodeName!=';
const pageSize = '500';
const watchSeconds = '300';
const retryMs = 250;

interface PodList {
  readonly metadata: { readonly resourceVersion: string; readonly continue?: string };
  readonly items?: readonly ApiPod[];
}

interface WatchEvent {
  readonly type: string;
  readonly object: ApiPod & { readonly code?: number; readonly metadata: { readonly resourceVersion: string } };
}

export class PodWatch {
  readonly #deps: PodWatchDeps;
  readonly #sink: PodSink;
  readonly #known = new Set<string>();

  constructor(deps: PodWatchDeps, sink: PodSink) {
    this.#deps = deps;
    this.#sink = sink;
  }

  /** Lists, calls `onListed` after the first list, and follows until the signal aborts. Never rejects. */
  async run(signal: AbortSignal, onListed: () => void): Promise<void> {
    let version: string | undefined;
    while (!signal.aborted) {
      try {
        if (version === undefined) {
          version = await this.#list(signal);
          onListed();
        }
        version = await this.#watch(version, signal);
      } catch (error) {
        if (signal.aborted) return;
        if (error instanceof SimApiError && error.status === 410) version = undefined;
        this.#deps.logger.debug('watching pods was interrupted', { error: errorMessage(error) });
        await this.#deps.clock.sleep(retryMs, signal);
      }
    }
  }

  async #list(signal: AbortSignal): Promise<string> {
    const gone = new Set(this.#known);
    let next: string | undefined;
    for (;;) {
      const query = { fieldSelector, limit: pageSize, ...(next === undefined ? {} : { continue: next }) };
      const page: PodList = await this.#deps.api.request({ method: 'GET', path, query, signal });
      for (const pod of page.items ?? []) {
        gone.delete(pod.metadata.uid);
        this.#upsert(pod);
      }
      next = page.metadata.continue;
      if (next === undefined || next === '') {
        for (const uid of gone) this.#remove(uid);
        return page.metadata.resourceVersion;
      }
    }
  }

  /** Follows one watch to its end. Returns the version to go on from; undefined when only a new list helps. */
  async #watch(fromVersion: string, signal: AbortSignal): Promise<string | undefined> {
    let version = fromVersion;
    const query = {
      fieldSelector,
      watch: 'true',
      allowWatchBookmarks: 'true',
      timeoutSeconds: watchSeconds,
      resourceVersion: version,
    };
    const body = await this.#deps.api.stream({ method: 'GET', path, query, signal });
    for await (const line of lines(body)) {
      const event = JSON.parse(line) as WatchEvent;
      if (event.type === 'ERROR') {
        return event.object.code === 410 ? undefined : version;
      }
      version = event.object.metadata.resourceVersion;
      if (event.type === 'DELETED') this.#remove(event.object.metadata.uid);
      else if (event.type !== 'BOOKMARK') this.#upsert(event.object);
    }
    return version;
  }

  #upsert(pod: ApiPod): void {
    if (!this.#deps.hasNode(pod.spec.nodeName ?? '')) return;
    this.#known.add(pod.metadata.uid);
    this.#sink.upsert(pod);
  }

  #remove(uid: string): void {
    if (this.#known.delete(uid)) this.#sink.remove(uid);
  }
}

async function* lines(body: AsyncIterable<Uint8Array>): AsyncIterable<string> {
  const decoder = new TextDecoder();
  let rest = '';
  for await (const chunk of body) {
    const parts = (rest + decoder.decode(chunk, { stream: true })).split('\n');
    rest = parts.pop() ?? '';
    for (const part of parts) if (part !== '') yield part;
  }
}
