// Edge: from kubeconfig flags to clients of the API server. Flags that name the same kubeconfig share what is known of its server.
import type { KubeConfig } from '@kubernetes/client-node';
import { type ClosableApiClient, createApiClient } from '../kube/client.ts';
import { Contact } from '../kube/contact.ts';
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
  const { apiQps, apiBurst } = options;
  const servers = new Map<string, ApiServer>();
  const serverOf = (path: string): ApiServer => {
    const server = servers.get(path) ?? findServer(path, deps);
    servers.set(path, server);
    return server;
  };
  const client = (path: string, qps: number, burst: number): ClosableApiClient =>
    createApiClient({ ...deps, ...serverOf(path), qps, burst });
  const clients = {
    main: client(options.kubeconfigPath, apiQps, apiBurst),
    leases: client(options.kubeconfigPath, apiQps, apiBurst),
    authentication: client(options.authentication.kubeconfigPath, reviewQps, reviewBurst),
    authorization: client(options.authorization.kubeconfigPath, reviewQps, reviewBurst),
  };
  return {
    kubeConfig: serverOf(options.kubeconfigPath).kubeConfig,
    ...clients,
    close: async () => {
      await Promise.all(Object.values(clients).map((each) => each.close()));
    },
  };
}

/** What the clients of one API server share. */
interface ApiServer {
  readonly kubeConfig: KubeConfig;
  readonly contact: Contact;
}

function findServer(kubeconfigPath: string, { clock, logger }: ApiAccessDeps): ApiServer {
  return { kubeConfig: loadKubeConfig(kubeconfigPath || undefined), contact: new Contact(clock, logger) };
}
