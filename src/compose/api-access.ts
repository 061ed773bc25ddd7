// Edge: from kubeconfig flags to clients of the API server. Flags that name the same kubeconfig share what is known of its server.
import { type ClosableApiClient, createApiClient } from '../kube/client.ts';
import { Contact } from '../kube/contact.ts';
import type { KubeAccess } from '../kube/kube-access.ts';
import { readKubeAccess } from '../kube/kube-access-reader.ts';
import type { KubeMonitor } from '../kube/monitor.ts';
import type { Clock } from '../lib/clock.ts';
import type { Logger } from '../lib/logger.ts';
import type { Options } from '../options.ts';

/** One client for each job that may have credentials of its own. */
export interface ApiAccess {
  readonly kubeConfig: KubeAccess;
  /** Watches, scales, status. */
  readonly main: ClosableApiClient;
  /** Events; apart, so that a flood of them delays no scale and no status, nor the other way round. */
  readonly events: ClosableApiClient;
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
export async function createApiAccess(deps: ApiAccessDeps): Promise<ApiAccess> {
  const { options } = deps;
  const { apiQps, apiBurst } = options;
  const servers = new Map<string, Promise<ApiServer>>();
  const serverOf = (path: string): Promise<ApiServer> => {
    const server = servers.get(path) ?? findServer(path, deps);
    servers.set(path, server);
    return server;
  };
  const [own, authentication, authorization] = await Promise.all([
    serverOf(options.kubeconfigPath),
    serverOf(options.authentication.kubeconfigPath),
    serverOf(options.authorization.kubeconfigPath),
  ]);
  const clients = {
    main: createApiClient({ ...deps, ...own, qps: apiQps, burst: apiBurst }),
    events: createApiClient({ ...deps, ...own, qps: apiQps, burst: apiBurst }),
    leases: createApiClient({ ...deps, ...own, qps: apiQps, burst: apiBurst }),
    authentication: createApiClient({ ...deps, ...authentication, qps: reviewQps, burst: reviewBurst }),
    authorization: createApiClient({ ...deps, ...authorization, qps: reviewQps, burst: reviewBurst }),
  };
  return {
    kubeConfig: own.kubeConfig,
    ...clients,
    close: async () => {
      await Promise.all(Object.values(clients).map((each) => each.close()));
    },
  };
}

/** What the clients of one API server share. */
interface ApiServer {
  readonly kubeConfig: KubeAccess;
  readonly contact: Contact;
}

async function findServer(kubeconfigPath: string, { clock, logger }: ApiAccessDeps): Promise<ApiServer> {
  return { kubeConfig: await readKubeAccess(kubeconfigPath || undefined), contact: new Contact(clock, logger) };
}
