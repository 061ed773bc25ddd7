// Edge: from kubeconfig flags to clients of the API server. Flags that name the same kubeconfig share one client.
import type { KubeConfig } from '@kubernetes/client-node';
import { type ClosableApiClient, createApiClient } from '../kube/client.ts';
import { loadKubeConfig } from '../kube/kube-config.ts';
import type { KubeMonitor } from '../kube/monitor.ts';
import type { Clock } from '../lib/clock.ts';
import type { Logger } from '../lib/logger.ts';
import type { Options } from '../options.ts';

/** One client for each job that may have credentials of its own. */
export interface ApiAccess {
  readonly kubeConfig: KubeConfig;
  /** Watches, scales, status, events. */
  readonly main: ClosableApiClient;
  /** Renewals of the lease; apart, so that a queue of writes cannot cost us the leadership. */
  readonly leases: ClosableApiClient;
  readonly authentication: ClosableApiClient;
  readonly authorization: ClosableApiClient;
  close(): Promise<void>;
}

export interface ApiAccessDeps {
  readonly options: Options;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly monitor: KubeMonitor;
  readonly userAgent: string;
}

// As the delegating authenticator and authorizer of the field's servers (docs/metrics-api.md, M-97, M-99).
const reviewQps = 200;
const reviewBurst = 400;

/** Throws HeadroomError CONFIG_INVALID for a kubeconfig that cannot be used. */
export function createApiAccess(deps: ApiAccessDeps): ApiAccess {
  const { options } = deps;
  const kubeConfig = loadKubeConfig(options.kubeconfigPath || undefined);
  const configOf = (path: string): KubeConfig => (path === options.kubeconfigPath ? kubeConfig : loadKubeConfig(path));
  const client = (config: KubeConfig, qps: number, burst: number): ClosableApiClient =>
    createApiClient({ ...deps, kubeConfig: config, qps, burst });
  const clients = {
    main: client(kubeConfig, options.apiQps, options.apiBurst),
    leases: client(kubeConfig, options.apiQps, options.apiBurst),
    authentication: client(configOf(options.authentication.kubeconfigPath), reviewQps, reviewBurst),
    authorization: client(configOf(options.authorization.kubeconfigPath), reviewQps, reviewBurst),
  };
  return {
    kubeConfig,
    ...clients,
    close: async () => {
      await Promise.all(Object.values(clients).map((each) => each.close()));
    },
  };
}
