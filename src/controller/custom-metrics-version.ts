// Edge: which version of custom.metrics.k8s.io to ask. docs/autoscaling.md 2.5; upstream's choice is k8s.io/metrics pkg/client/custom_metrics, on
// top of client-go's discovery.
import { JsonNode } from '../crd/json-node.ts';
import type { ApiClient } from '../kube/types.ts';
import { untilAborted } from '../kube/until-aborted.ts';
import type { Clock } from '../lib/clock.ts';

export const customMetricsGroup = 'custom.metrics.k8s.io';
/** The versions we understand. */
const understood: readonly string[] = ['v1beta2', 'v1beta1'];

// The aggregated document says which versions have a server behind them (the others are stale); the plain one, which older API servers answer
// with, lists whatever is registered. The order is client-go's.
const discoveryFormats = [
  'application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList',
  'application/json;g=apidiscovery.k8s.io;v=v2beta1;as=APIGroupDiscoveryList',
  'application/json',
].join(',');
/** client-go's own for discovery. */
const discoveryDeadlineMs = 32_000;

export interface CustomMetricsVersionDeps {
  readonly api: ApiClient;
  readonly clock: Clock;
  /** How long an answer is believed. */
  readonly maxAgeMs: number;
}

/** The version to ask; throws in upstream's words when there is none. */
export type CustomMetricsVersion = (signal?: AbortSignal) => Promise<string>;

/** Those who ask at the same time share one request, so a signal ends the waiting only. A failure is not remembered. */
export function createCustomMetricsVersion({ api, clock, maxAgeMs }: CustomMetricsVersionDeps): CustomMetricsVersion {
  let known: { readonly version: Promise<string>; readonly askedAtMs: number } | undefined;
  return (signal) => {
    const nowMs = clock.monotonic();
    if (known === undefined || nowMs - known.askedAtMs >= maxAgeMs) {
      const asked = { version: discoverVersion(api), askedAtMs: nowMs };
      known = asked;
      asked.version.catch(() => {
        if (known === asked) known = undefined;
      });
    }
    return untilAborted(known.version, signal);
  };
}

async function discoverVersion(api: ApiClient): Promise<string> {
  const request = { method: 'GET', path: '/apis', accept: discoveryFormats, deadlineMs: discoveryDeadlineMs } as const;
  const versions = customVersions(new JsonNode(await api.request(request)));
  if (versions === undefined) throw new Error(`no custom metrics API (${customMetricsGroup}) registered`);
  const version = versions.find((candidate) => understood.includes(candidate));
  if (version === undefined) throw new Error('no known available metric versions found');
  return version;
}

/** The versions of the group, best first; undefined when there is no such group. */
function customVersions(document: JsonNode): readonly string[] | undefined {
  const versionOf = (node: JsonNode): string => node.get('version').text();
  const plain = document
    .get('groups')
    .items()
    .find((group) => group.get('name').text() === customMetricsGroup);
  if (plain !== undefined) return [plain.get('preferredVersion'), ...plain.get('versions').items()].map(versionOf);
  const aggregated = document
    .get('items')
    .items()
    .find((group) => group.get('metadata').get('name').text() === customMetricsGroup);
  return aggregated
    ?.get('versions')
    .items()
    .filter((version) => version.get('freshness').text() !== 'Stale')
    .map(versionOf);
}
