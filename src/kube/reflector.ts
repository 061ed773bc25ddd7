// Flow: keeps a store equal to what the API server holds, by one whole state and a chain of watches. docs/adr/0002-own-reflector.md says why it is our own.
import { breathe } from '../lib/breathe.ts';
import type { Clock } from '../lib/clock.ts';
import { errorMessage, HeadroomError } from '../lib/errors.ts';
import type { Logger } from '../lib/logger.ts';
import { ApiStatusError, isGone, isResourceVersionTooLarge } from './api-status-error.ts';
import { Backoff } from './backoff.ts';
import { type Codec, type Codecs, type Reading, WatchCorrupted, type WatchEvent } from './codec.ts';
import { createJsonCodec, type Projection } from './json-codec.ts';
import { LineTooLong } from './line-splitter.ts';
import { listPages } from './list.ts';
import type { KubeMonitor } from './monitor.ts';
import { isHeld, put, type ReflectedStore } from './object-store.ts';
import { afterInitialEvents, NoStreamingList } from './streaming-list.ts';
import type { ApiClient, ApiRequest } from './types.ts';
import { watchEvents } from './watch.ts';
import { WholeState } from './whole-state.ts';

export interface ReflectorOptions<T> {
  readonly client: ApiClient;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly monitor?: Pick<KubeMonitor, 'addReflector' | 'relisted' | 'skipped'> | undefined;
  /** Name in logs and self-metrics: `pods`. */
  readonly resource: string;
  /** Path of the collection: `/api/v1/pods`. */
  readonly path: string;
  /** Field and label selectors. */
  readonly query?: ApiRequest['query'];
  /**
   * Keeps the few fields that are needed. undefined: the object is not wanted (any more). A throw means a bad object: it is skipped and
   * counted, and what the store holds of it stays.
   */
  readonly project: Projection<T>;
  /** Another form than JSON, for those who have very many objects: asked for first, used when the API server has it. */
  readonly codec?: Codec<T> | undefined;
  readonly store: ReflectedStore<T>;
  /** A number in [0, 1), for jitter. */
  readonly random?: () => number;
  readonly settings?: Partial<ReflectorSettings>;
}

export interface ReflectorSettings {
  readonly pageSize: number;
  /** For a page, and for the beginning of a streaming list. */
  readonly pageDeadlineMs: number;
  /** A watch is ended by the server after this long, up to twice as long, so that not all end at once. */
  readonly watchTimeoutSeconds: number;
  /** A connection that says nothing for this long is taken for dead. The API server sends a bookmark about once a minute. */
  readonly watchIdleTimeoutMs: number;
  readonly backoffInitialMs: number;
  readonly backoffMaxMs: number;
}

const defaultSettings: ReflectorSettings = {
  pageSize: 500,
  pageDeadlineMs: 60_000,
  watchTimeoutSeconds: 300,
  watchIdleTimeoutMs: 100_000,
  backoffInitialMs: 250,
  backoffMaxMs: 10_000,
};

/** A watch that ends sooner than this and brought nothing is a failure in disguise: pause before the next. */
const shortWatchMs = 1_000;

const tooManyRequests = 429;

export class Reflector<T> {
  readonly #options: ReflectorOptions<T>;
  readonly #codecs: Codecs<T>;
  readonly #settings: ReflectorSettings;
  readonly #backoff: Backoff;
  readonly #random: () => number;
  /** Where the next watch begins; undefined: the whole state comes first. */
  #resourceVersion: string | undefined;
  /** The next whole state is asked for in pages: the last attempt to have it streamed came to nothing. After that it is streamed again. */
  #inPages = false;
  #contactAtMs: number | undefined;
  /** The last problem that was logged and is not over. */
  #problem: string | undefined;

  constructor(options: ReflectorOptions<T>) {
    this.#options = options;
    const json = createJsonCodec(options.project);
    this.#codecs = options.codec === undefined ? [json] : [options.codec, json];
    this.#settings = { ...defaultSettings, ...options.settings };
    this.#random = options.random ?? Math.random;
    this.#backoff = new Backoff({
      initialMs: this.#settings.backoffInitialMs,
      maxMs: this.#settings.backoffMaxMs,
      random: this.#random,
    });
    options.monitor?.addReflector({
      resource: options.resource,
      objects: () => options.store.size,
      silentSeconds: () => (this.#contactAtMs === undefined ? undefined : this.syncAgeMs / 1000),
    });
  }

  /** The store has held a complete list at least once. */
  get hasSynced(): boolean {
    return this.#options.store.hasSynced;
  }

  /** Milliseconds since the API server last said anything about this resource, bookmarks included; Infinity before it first did. */
  get syncAgeMs(): number {
    return this.#contactAtMs === undefined
      ? Number.POSITIVE_INFINITY
      : this.#options.clock.monotonic() - this.#contactAtMs;
  }

  /** Lists and watches until the signal aborts; never rejects. The store keeps serving whatever happens. */
  async run(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      try {
        if (await this.#listOrWatch(signal)) continue;
      } catch (error) {
        if (signal.aborted) return;
        this.#failed(error);
      }
      await this.#options.clock.sleep(this.#backoff.next(), signal);
    }
  }

  /** True when the next watch or list may begin at once. */
  async #listOrWatch(signal: AbortSignal): Promise<boolean> {
    if (this.#resourceVersion !== undefined) return await this.#watch(signal);
    if (!this.#inPages) return await this.#streamList(signal);
    await this.#listPages(signal);
    return true;
  }

  /** The whole state in one stream, then what changes in the same stream, to its end. Where that cannot be had, pages are next. */
  async #streamList(signal: AbortSignal): Promise<boolean> {
    try {
      return await this.#watch(signal);
    } catch (error) {
      if (this.#resourceVersion !== undefined || signal.aborted) throw error;
      if (error instanceof ApiStatusError) this.#inPages = error.httpStatus !== tooManyRequests;
      if (!isRefusal(error)) throw error;
      const { logger, resource } = this.#options;
      logger.debug('the API server streams no list; asking for pages', { resource, error });
      return true;
    }
  }

  /** The whole state in pages. */
  async #listPages(signal: AbortSignal): Promise<void> {
    this.#inPages = false;
    const { client, path, query } = this.#options;
    const { pageSize, pageDeadlineMs: deadlineMs } = this.#settings;
    const state = await this.#beginState();
    let resourceVersion = '';
    for await (const page of listPages(client, { path, query, codecs: this.#codecs, pageSize, deadlineMs, signal })) {
      this.#touch();
      resourceVersion = page.resourceVersion;
      for (const reading of page.items) state.add(reading);
      // The next page may be there already.
      await breathe();
    }
    this.#complete(state, resourceVersion);
  }

  #beginState(): Promise<WholeState<T>> {
    return WholeState.begin(this.#options.store, (problem) => this.#skip(problem));
  }

  #complete(state: WholeState<T>, resourceVersion: string): void {
    state.complete();
    this.#resourceVersion = resourceVersion;
    this.#inPages = false;
    this.#options.monitor?.relisted(this.#options.resource);
    this.#recovered();
  }

  /** One watch, to its end; without a version to begin from it brings the whole state first. True when the next may begin at once. */
  async #watch(signal: AbortSignal): Promise<boolean> {
    const { clock } = this.#options;
    let startedAtMs = clock.monotonic();
    let eventCount = 0;
    const isUseful = (): boolean =>
      this.#resourceVersion !== undefined && (eventCount > 0 || clock.monotonic() - startedAtMs >= shortWatchMs);
    try {
      for await (const events of await this.#events(signal)) {
        this.#touch();
        if (this.#resourceVersion === undefined) {
          // Should it break off now, it would the next time as well, and pages get through.
          this.#inPages = true;
          startedAtMs = clock.monotonic();
          continue;
        }
        this.#recovered();
        eventCount += events.length;
        for (const event of events) this.#apply(event);
      }
      return isUseful();
    } finally {
      if (isUseful()) this.#backoff.reset();
    }
  }

  /** Of one watch; without a version to begin from, those behind the whole state, which goes into the store. */
  async #events(signal: AbortSignal): Promise<AsyncIterable<readonly WatchEvent<T>[]>> {
    const { client, path, query } = this.#options;
    const { watchIdleTimeoutMs: idleTimeoutMs, pageDeadlineMs } = this.#settings;
    const timeoutSeconds = Math.ceil(this.#settings.watchTimeoutSeconds * (1 + this.#random()));
    const resourceVersion = this.#resourceVersion;
    const watch = { path, query, codecs: this.#codecs, resourceVersion, timeoutSeconds, idleTimeoutMs, signal };
    if (resourceVersion !== undefined) return watchEvents(client, watch);
    const state = await this.#beginState();
    const events = watchEvents(client, { ...watch, deadlineMs: pageDeadlineMs });
    return afterInitialEvents(events, state, (version) => this.#complete(state, version));
  }

  #apply(event: WatchEvent<T>): void {
    if (event.type === 'DELETED') this.#remove(event.reading);
    else if (event.type !== 'BOOKMARK') this.#change(event.reading);
    if (event.resourceVersion !== '') this.#resourceVersion = event.resourceVersion;
  }

  #change(reading: Reading<T>): void {
    if ('problem' in reading) this.#skip(reading.problem);
    else if (!isHeld(this.#options.store, reading)) put(this.#options.store, reading);
  }

  /** Of an object that is gone the name is enough. */
  #remove(reading: Reading<T>): void {
    if (reading.key !== undefined) this.#options.store.remove(reading.key);
    else if ('problem' in reading) this.#skip(reading.problem);
  }

  #skip(error: unknown): void {
    const { logger, monitor, resource } = this.#options;
    monitor?.skipped(resource);
    logger.debug('skipped a bad object', { resource, error });
  }

  #touch(): void {
    this.#contactAtMs = this.#options.clock.monotonic();
  }

  #failed(error: unknown): void {
    if (needsNewList(error)) this.#resourceVersion = undefined;
    const { logger, monitor, resource } = this.#options;
    if (error instanceof WatchCorrupted) monitor?.skipped(resource);
    // The client tells of a server that does not answer, once for all of us. An old resourceVersion is in the nature of things.
    const isNews = !isGone(error) && !(error instanceof HeadroomError && error.code === 'API_REQUEST_FAILED');
    const problem = errorMessage(error);
    if (isNews && problem !== this.#problem) {
      this.#problem = problem;
      logger.warn('cannot list or watch', { resource, error });
    } else {
      logger.debug('list or watch failed', { resource, error });
    }
  }

  #recovered(): void {
    if (this.#problem === undefined) return;
    this.#problem = undefined;
    this.#options.logger.info('lists and watches again', { resource: this.#options.resource });
  }
}

/** The server could list, only not in this way. */
function isRefusal(error: unknown): boolean {
  if (error instanceof NoStreamingList) return true;
  return (
    error instanceof ApiStatusError &&
    error.httpStatus >= 400 &&
    error.httpStatus < 500 &&
    error.httpStatus !== tooManyRequests
  );
}

function needsNewList(error: unknown): boolean {
  if (error instanceof ApiStatusError) return isGone(error) || isResourceVersionTooLarge(error);
  return error instanceof WatchCorrupted || (error instanceof HeadroomError && error.cause instanceof LineTooLong);
}
