// Flow: one scrape of one node, from address to stored samples.
import { type Clock, DeadlineExceeded } from '../lib/clock.ts';
import { errorMessage, HeadroomError } from '../lib/errors.ts';
import type { NodeView } from '../lib/views.ts';
import type { Alarms } from './alarms.ts';
import { ExpositionParser } from './exposition.ts';
import { findKubelet, type KubeletAddress, type KubeletAddressSettings } from './kubelet-address.ts';
import type { FetchExposition } from './kubelet-client.ts';
import type { MetricsMonitor, ScrapeFailure } from './monitor.ts';
import { NodeReadings } from './node-readings.ts';
import type { PodName } from './types.ts';
import type { WindowStore } from './window-store.ts';
import { withDeadline } from './with-deadline.ts';

/** What came of one scrape. `cancelled`: the node left or the program stops; nothing was stored and nothing is wrong. */
export type ScrapeOutcome =
  | {
      readonly kind: 'stored';
      /** Those that have a new usage. */
      readonly pods: readonly PodName[];
      readonly badLines: number;
    }
  | { readonly kind: 'failed'; readonly reason: ScrapeFailure; readonly message: string }
  | { readonly kind: 'cancelled' };

export interface NodeScraperSettings {
  readonly address: KubeletAddressSettings;
  /** For connection, headers and body together. */
  readonly requestTimeoutMs: number;
  /** Samples of further containers of a node are dropped. */
  readonly maxContainersPerNode: number;
}

export interface NodeScraperDeps {
  readonly clock: Clock;
  readonly alarms: Alarms;
  readonly fetchExposition: FetchExposition;
  readonly store: WindowStore;
  readonly monitor: MetricsMonitor;
  readonly settings: NodeScraperSettings;
}

export type ScrapeNode = (node: NodeView, signal: AbortSignal) => Promise<ScrapeOutcome>;

/** Never rejects. When it returns `stored`, the node's samples can be read, whatever other nodes do. */
export function createNodeScraper(deps: NodeScraperDeps): ScrapeNode {
  const { clock, monitor, store, settings } = deps;
  const parser = new ExpositionParser(settings.maxContainersPerNode);
  const readings = new NodeReadings();
  /** Of each node as it looks now; how it looks later is another view. */
  const addresses = new WeakMap<NodeView, KubeletAddress>();

  /** Found once per view: a text that is made anew for each scrape has to be hashed for each look for its connection, too. */
  const addressOf = (node: NodeView): KubeletAddress => {
    const known = addresses.get(node);
    if (known !== undefined) return known;
    const address = findKubelet(node, settings.address);
    addresses.set(node, address);
    return address;
  };

  /** Runs to its end without a pause, so that parser and readings serve all nodes. */
  const storeBody = (node: NodeView, body: Uint8Array, requestedAtMs: number): ScrapeOutcome => {
    const outcome = parser.parse(body, store.node(node.name).layout, readings, requestedAtMs);
    if (outcome.kind === 'not-an-exposition') return failed('body', 'the body is not an exposition of metrics');
    const { badLines } = outcome;
    const droppedSamples = outcome.kind === 'parsed' ? outcome.droppedSamples : 0;
    monitor.observeBody({ bytes: body.length, badLines, droppedSamples });
    if (outcome.kind === 'no-samples') return failed('no-samples', 'the kubelet reports no usage');
    const pods = store.commit(node.name, readings, clock.monotonic());
    parser.settle();
    return { kind: 'stored', pods, badLines };
  };

  const request = (
    node: NodeView,
    target: Parameters<FetchExposition>[0],
    signal: AbortSignal,
  ): Promise<ScrapeOutcome> => {
    const requestedAtMs = clock.now();
    const consume = (body: Uint8Array): ScrapeOutcome =>
      signal.aborted ? { kind: 'cancelled' } : storeBody(node, body, requestedAtMs);
    return withDeadline(deps.alarms, settings.requestTimeoutMs, signal, async (cancellation) => {
      try {
        return await deps.fetchExposition(target, cancellation, consume);
      } catch (error) {
        if (signal.aborted) return { kind: 'cancelled' };
        if (cancellation.reason instanceof DeadlineExceeded) return failed('timeout', cancellation.reason.message);
        return failed(reasonOf(error), errorMessage(error));
      }
    });
  };

  return async (node, signal) => {
    const address = addressOf(node);
    if (address.kind === 'none') {
      // No request is sent, but a node that cannot be asked must show where dashboards look for failing ones, as with metrics-server.
      monitor.observeRequest(node.name, { seconds: 0, isSuccess: false, atMs: clock.now() });
      return counted(monitor, failed('address', address.reason));
    }
    const startedAtMs = clock.monotonic();
    const outcome = await request(node, address.target, signal);
    if (outcome.kind === 'cancelled') return outcome;
    const seconds = (clock.monotonic() - startedAtMs) / 1000;
    const isSuccess = outcome.kind === 'stored' || outcome.reason === 'no-samples';
    monitor.observeRequest(node.name, { seconds, isSuccess, atMs: clock.now() });
    return counted(monitor, outcome);
  };
}

function failed(reason: ScrapeFailure, message: string): ScrapeOutcome {
  return { kind: 'failed', reason, message };
}

function counted(monitor: MetricsMonitor, outcome: ScrapeOutcome): ScrapeOutcome {
  if (outcome.kind === 'failed') monitor.countFailure(outcome.reason);
  return outcome;
}

function reasonOf(error: unknown): ScrapeFailure {
  return error instanceof HeadroomError && error.code === 'KUBELET_BODY' ? 'body' : 'request';
}
