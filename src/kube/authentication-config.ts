// Edge: how the API server's front proxy proves who it is, and which CA signs client certificates: ConfigMap
// kube-system/extension-apiserver-authentication, which every aggregated API server reads.
import { HeadroomError } from '../lib/errors.ts';
import type { ApiClient } from './types.ts';

const path = '/api/v1/namespaces/kube-system/configmaps/extension-apiserver-authentication';

/** How to read the headers of a verified front proxy. Header names are matched without regard to case. */
export interface RequestHeaderSettings {
  /** Common names that the proxy's certificate may have; empty: any. */
  readonly allowedNames: readonly string[];
  readonly usernameHeaders: readonly string[];
  readonly uidHeaders: readonly string[];
  readonly groupHeaders: readonly string[];
  readonly extraHeaderPrefixes: readonly string[];
}

export interface AuthenticationConfig {
  /** PEM; '' when the cluster has no client CA. */
  readonly clientCaPem: string;
  /** PEM; '' when the cluster has no front proxy: its headers are then never believed. */
  readonly requestHeaderCaPem: string;
  readonly requestHeader: RequestHeaderSettings;
}

interface ConfigMap {
  readonly data?: Readonly<Record<string, string>>;
}

/** Reads the ConfigMap (docs/metrics-api.md, M-95). Throws what the client throws, or HeadroomError OBJECT_INVALID. */
export async function readAuthenticationConfig(client: ApiClient, signal?: AbortSignal): Promise<AuthenticationConfig> {
  const { data = {} } = await client.request<ConfigMap>({ method: 'GET', path, signal });
  return {
    clientCaPem: data['client-ca-file'] ?? '',
    requestHeaderCaPem: data['requestheader-client-ca-file'] ?? '',
    requestHeader: {
      allowedNames: parseList(data, 'requestheader-allowed-names'),
      usernameHeaders: parseList(data, 'requestheader-username-headers'),
      uidHeaders: parseList(data, 'requestheader-uid-headers'),
      groupHeaders: parseList(data, 'requestheader-group-headers'),
      extraHeaderPrefixes: parseList(data, 'requestheader-extra-headers-prefix'),
    },
  };
}

function parseList(data: Readonly<Record<string, string>>, key: string): readonly string[] {
  const text = data[key];
  if (text === undefined || text === '') return [];
  const list = parseJson(text);
  if (Array.isArray(list) && list.every((item) => typeof item === 'string')) return list;
  throw new HeadroomError('OBJECT_INVALID', `reading ${path}: ${key} is not a JSON list of strings`);
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
