// Flow: keeps a store equal to what the API server holds, by one list and a chain of watches. docs/adr/0002-own-reflector.md says why it is our own.
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
import type { ReflectedStore } from './object-store.ts';
import type { ApiClient, ApiRequest } from './types.ts';
import { watchEvents } from './watch.ts';

export interface ReflectorOptions<T> {
  readonly client: ApiClient;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly monitor?: KubeMonitor | undefined;
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

const keysPerPiece = 10_000;

type Good<T> = Exclude<Reading<T>, { readonly problem: unknown }>;

/** A watch that ends sooner than this and brought nothing is a failure in disguise: pause before the next. */
const shortWatchMs = 1_000;

export class Reflector<T> {
  readonly #options: ReflectorOptions<T>;
  readonly #codecs: Codecs<T>;
  readonly #settings: ReflectorSettings;
  readonly #backoff: Backoff;
  readonly #random: () => number;
  /** Where the next watch begins; undefined: a list comes first. */
  #resourceVersion: string | undefined;
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
        if (this.#resourceVersion === undefined) this.#resourceVersion = await this.#list(signal);
        if (await this.#watch(this.#resourceVersion, signal)) continue;
      } catch (error) {
        if (signal.aborted) return;
        this.#failed(error);
      }
      await this.#options.clock.sleep(this.#backoff.next(), signal);
    }
  }

  /**
   * Reads the complete list into the store and removes what is not on it. Returns the list's resourceVersion. Who reads the store sees it as it was before the
   * list or as it is after it, and nothing in between: the pages of a long list take seconds, and half of the old pods beside half of the new is
   * no state that the cluster was ever in. The first list fills a store that nobody reads yet, page by page, which needs no second copy.
   */
  async #list(signal: AbortSignal): Promise<string> {
    const { client, path, query, resource, store, monitor } = this.#options;
    const { pageSize, pageDeadlineMs: deadlineMs } = this.#settings;
    // Only what the store held before can be missing now.
    const unseen = await keysOf(store);
    const found: Good<T>[] = [];
    const codecs = this.#codecs;
    let resourceVersion = '';
    for await (const page of listPages(client, { path, query, codecs, pageSize, deadlineMs, signal })) {
      this.#touch();
      resourceVersion = page.resourceVersion;
      for (const reading of page.items) {
        if (unseen.size > 0 && reading.key !== undefined) unseen.delete(reading.key);
        if ('problem' in reading) this.#skip(reading.problem);
        else if (!store.hasSynced) this.#store(reading);
        else if (!this.#isHeld(reading)) found.push(reading);
      }
      // The next page may be there already.
      await breathe();
    }
    for (const each of found) this.#store(each);
    for (const key of unseen) store.remove(key);
    store.markSynced();
    monitor?.relisted(resource);
    this.#recovered();
    return resourceVersion;
  }

  /** One watch, to its end. True when the next may begin at once. */
  async #watch(resourceVersion: string, signal: AbortSignal): Promise<boolean> {
    const { client, path, query, clock } = this.#options;
    const startedAtMs = clock.monotonic();
    const timeoutSeconds = Math.ceil(this.#settings.watchTimeoutSeconds * (1 + this.#random()));
    const idleTimeoutMs = this.#settings.watchIdleTimeoutMs;
    const watch = { path, query, codecs: this.#codecs, resourceVersion, timeoutSeconds, idleTimeoutMs, signal };
    let eventCount = 0;
    const isUseful = (): boolean => eventCount > 0 || clock.monotonic() - startedAtMs >= shortWatchMs;
    try {
      for await (const events of watchEvents(client, watch)) {
        this.#touch();
        this.#recovered();
        eventCount += events.length;
        for (const event of events) this.#apply(event);
      }
      return isUseful();
    } finally {
      if (isUseful()) this.#backoff.reset();
    }
  }

  #apply(event: WatchEvent<T>): void {
    if (event.type === 'DELETED') this.#remove(event.reading);
    else if (event.type !== 'BOOKMARK') this.#change(event.reading);
    if (event.resourceVersion !== '') this.#resourceVersion = event.resourceVersion;
  }

  #change(reading: Reading<T>): void {
    if ('problem' in reading) this.#skip(reading.problem);
    else if (!this.#isHeld(reading)) this.#store(reading);
  }

  /** Most of a list after the first is known already, and most changes of a pod are none of what is kept of it. */
  #isHeld({ key, object }: Good<T>): boolean {
    return object !== undefined && this.#options.store.holds?.(key, object) === true;
  }

  #store({ key, object }: Good<T>): void {
    const { store } = this.#options;
    if (object === undefined) store.remove(key);
    else store.upsert(key, object);
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

/** In pieces: with 150,000 keys it takes as long as several pages. Nobody but the reflector, who waits here, changes the store. */
async function keysOf(store: ReflectedStore<unknown>): Promise<Set<string>> {
  const keys = new Set<string>();
  for (const key of store.keys()) {
    keys.add(key);
    if (keys.size % keysPerPiece === 0) await breathe();
  }
  return keys;
}

function needsNewList(error: unknown): boolean {
  if (error instanceof ApiStatusError) return isGone(error) || isResourceVersionTooLarge(error);
  return error instanceof WatchCorrupted || (error instanceof HeadroomError && error.cause instanceof LineTooLong);
}
