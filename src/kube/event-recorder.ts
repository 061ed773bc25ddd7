// Edge: writes core/v1 Events in the background. Events are for people; they may be late, combined or lost, and nothing waits for them.
import type { Clock } from '../lib/clock.ts';
import type { Logger } from '../lib/logger.ts';
import { formatTimeSeconds } from '../lib/time.ts';
import { ApiStatusError, isAlreadyExists, isNotFound } from './api-status-error.ts';
import { EventCorrelator, type Occurrence, type PendingEvent } from './event-correlator.ts';
import type { KubeMonitor } from './monitor.ts';
import type { ApiClient, EventRecorder, EventView } from './types.ts';

export interface EventRecorderOptions {
  readonly client: ApiClient;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly monitor?: KubeMonitor | undefined;
  /** source.component and reportingComponent: `horizontal-pod-autoscaler`. */
  readonly component: string;
  /** A number in [0, 1), for jitter. */
  readonly random?: () => number;
}

/** A recorder that can be stopped. */
export interface ClosableEventRecorder extends EventRecorder {
  /** Takes no more events and gives those that wait so much time to be written. */
  close(deadlineMs: number): Promise<void>;
}

/** As client-go: events that wait; tries per event when nothing answers; pause between them. */
const maxQueuedEvents = 1000;
const maxTries = 12;
const retryMs = 10_000;
/** Of the API server, for names. */
const maxNameLength = 253;

export function createEventRecorder(options: EventRecorderOptions): ClosableEventRecorder {
  return new BackgroundEventRecorder(options);
}

class BackgroundEventRecorder implements ClosableEventRecorder {
  readonly #options: EventRecorderOptions;
  readonly #correlator = new EventCorrelator();
  readonly #queue: Occurrence[] = [];
  readonly #stop = new AbortController();
  #posting: Promise<void> = Promise.resolve();
  #isPosting = false;
  #closed = false;
  /** Nanoseconds since the epoch of the last name given. */
  #lastNameNs = 0n;

  constructor(options: EventRecorderOptions) {
    this.#options = options;
  }

  publish(view: EventView): void {
    if (this.#closed || this.#queue.length >= maxQueuedEvents) {
      this.#options.monitor?.eventFinished('dropped');
      return;
    }
    const atMs = this.#options.clock.now();
    this.#queue.push({ view, name: this.#name(view, atMs), atMs });
    if (!this.#isPosting) this.#posting = this.#postAll();
  }

  async close(deadlineMs: number): Promise<void> {
    this.#closed = true;
    const done = new AbortController();
    const late = this.#options.clock.sleep(deadlineMs, done.signal);
    await Promise.race([this.#posting, late]);
    done.abort();
    this.#stop.abort();
    await this.#posting;
  }

  /** One at a time and in order, so that a count never overtakes the event that it counts. */
  async #postAll(): Promise<void> {
    this.#isPosting = true;
    const { clock, monitor } = this.#options;
    for (let occurrence = this.#queue.shift(); occurrence !== undefined; occurrence = this.#queue.shift()) {
      const event = this.#stop.signal.aborted ? undefined : this.#correlator.correlate(occurrence, clock.now());
      if (event === undefined) monitor?.eventFinished(this.#stop.signal.aborted ? 'dropped' : 'filtered');
      else await this.#post(event);
    }
    this.#isPosting = false;
  }

  /** Tries until the API server answers; what it rejects is dropped. */
  async #post(event: PendingEvent): Promise<void> {
    const { clock, logger, monitor, random = Math.random } = this.#options;
    const { reason, regarding } = event.view;
    for (let attempt = 1; attempt <= maxTries && !this.#stop.signal.aborted; attempt++) {
      try {
        await this.#write(event);
        monitor?.eventFinished('posted');
        return;
      } catch (error) {
        if (error instanceof ApiStatusError) {
          monitor?.eventFinished('rejected');
          const level = isAlreadyExists(error) || isNamespaceTerminating(error) ? 'debug' : 'warn';
          logger[level]('API server rejected an event', { reason, regarding, error });
          return;
        }
        logger.debug('writing an event failed', { reason, regarding, attempt, error });
        await clock.sleep(attempt === 1 ? retryMs * random() : retryMs, this.#stop.signal);
      }
    }
    monitor?.eventFinished('dropped');
  }

  async #write(event: PendingEvent): Promise<void> {
    if (event.count > 1) {
      try {
        await this.#patch(event);
        return;
      } catch (error) {
        // Events live an hour; this one is gone, so it is written anew, with the count it has reached.
        if (!isNotFound(error)) throw error;
      }
    }
    await this.#create(event);
  }

  async #patch(event: PendingEvent): Promise<void> {
    await this.#options.client.request({
      method: 'PATCH',
      path: `${eventsPath(event.view)}/${event.name}`,
      contentType: 'application/strategic-merge-patch+json',
      body: { count: event.count, lastTimestamp: formatTimeSeconds(event.lastAtMs), message: event.message },
      signal: this.#stop.signal,
    });
    this.#correlator.written(event, event.name);
  }

  async #create(event: PendingEvent): Promise<void> {
    await this.#options.client.request({
      method: 'POST',
      path: eventsPath(event.view),
      body: eventObject(event, this.#options.component),
      signal: this.#stop.signal,
    });
    this.#correlator.written(event, event.name);
  }

  /**
   * `{object}.{nanoseconds in hex}`. The clock knows milliseconds; the rest counts, so that no two events have one name. An object's name may
   * leave no room for the rest: then its end is cut off (client-go takes a random name, which says nothing).
   */
  #name({ regarding }: EventView, atMs: number): string {
    const nowNs = BigInt(Math.floor(atMs)) * 1_000_000n;
    this.#lastNameNs = nowNs > this.#lastNameNs ? nowNs : this.#lastNameNs + 1n;
    const suffix = `.${this.#lastNameNs.toString(16)}`;
    return regarding.name.slice(0, maxNameLength - suffix.length).replace(/[-.]+$/, '') + suffix;
  }
}

function eventsPath({ regarding }: EventView): string {
  return `/api/v1/namespaces/${encodeURIComponent(namespaceOf(regarding))}/events`;
}

/** Events about cluster-scoped objects are in `default`. */
function namespaceOf({ namespace }: EventView['regarding']): string {
  return namespace === '' ? 'default' : namespace;
}

function eventObject(event: PendingEvent, component: string): unknown {
  const { view, name, message, count, combined } = event;
  const { type, reason, regarding } = view;
  return {
    apiVersion: 'v1',
    kind: 'Event',
    metadata: { name, namespace: namespaceOf(regarding) },
    involvedObject: regarding,
    reason,
    message,
    source: { component },
    firstTimestamp: formatTimeSeconds(event.firstAtMs),
    lastTimestamp: formatTimeSeconds(event.lastAtMs),
    count,
    type,
    reportingComponent: combined ? '' : component,
    reportingInstance: '',
  };
}

function isNamespaceTerminating(error: ApiStatusError): boolean {
  return error.details?.causes?.some(({ reason }) => reason === 'NamespaceTerminating') === true;
}
