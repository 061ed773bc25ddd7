// Pure: where a node's kubelet is asked for its metrics. Rules: docs/metrics-math.md section 5.
import type { NodeView } from '../lib/views.ts';

export interface KubeletAddressSettings {
  /** Types of `status.addresses`, the most wanted first. */
  readonly preferredAddressTypes: readonly string[];
  readonly port: number;
  /** Take the port of the node's status when it has one. */
  readonly useNodeStatusPort: boolean;
  readonly scheme: 'http' | 'https';
}

export interface KubeletTarget {
  /** Scheme, host and port: `https://10.0.0.7:10250`; IPv6 addresses in brackets. */
  readonly origin: string;
  /** Begins with a slash, percent-encoded, without query. */
  readonly path: string;
}

export type KubeletAddress =
  | { readonly kind: 'found'; readonly target: KubeletTarget }
  | { readonly kind: 'none'; readonly reason: string };

const defaultPath = '/metrics/resource';

/** The first address of the first preferred type that the node has (5.1), its port (5.2) and path (5.3). */
export function findKubelet(node: NodeView, settings: KubeletAddressSettings): KubeletAddress {
  const { preferredAddressTypes, scheme } = settings;
  const address = preferredAddressTypes
    .map((wanted) => node.addresses.find(({ type }) => type === wanted)?.address)
    .find((found) => found !== undefined);
  if (address === undefined) {
    return { kind: 'none', reason: `no address matched types [${preferredAddressTypes.join(' ')}]` };
  }
  const host = address.includes(':') ? `[${address}]` : address;
  const port = settings.useNodeStatusPort && node.kubeletPort !== 0 ? node.kubeletPort : settings.port;
  return { kind: 'found', target: { origin: `${scheme}://${host}:${port}`, path: pathOf(node) } };
}

/** The annotation is a path and nothing else: a question mark or a percent sign in it is part of the path and encoded as such. */
function pathOf(node: NodeView): string {
  if (node.resourceMetricsPath === undefined) return defaultPath;
  const encoded = node.resourceMetricsPath.split('/').map(encodePathSegment).join('/');
  return encoded.startsWith('/') ? encoded : `/${encoded}`;
}

/** Escapes as Go's url.URL does for a path: these stay as they are, and encodeURIComponent would escape them. */
function encodePathSegment(segment: string): string {
  return encodeURIComponent(segment.toWellFormed()).replace(/%(?:24|26|2B|2C|3A|3B|3D|40)/g, decodeURIComponent);
}
