// An ApiClient of a small API server on real sockets.
import { type ClosableApiClient, createApiClient } from '../../src/kube/client.ts';
import { systemClock } from '../../src/lib/clock.ts';
import type { Logger } from '../../src/lib/logger.ts';
import type { FakeApiServer } from '../support/fake-apiserver.ts';

/** Asks as often and as fast as it likes. */
export function socketClient(apiServer: FakeApiServer, logger: Logger): ClosableApiClient {
  const kubeConfig = apiServer.kubeConfig();
  return createApiClient({ kubeConfig, clock: systemClock, logger, userAgent: 'test', qps: -1, burst: 1 });
}
