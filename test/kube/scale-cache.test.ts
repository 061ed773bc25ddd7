// Against a small API server on real sockets.
import { expect } from 'chai';
import { type ClosableApiClient, createApiClient } from '../../src/kube/client.ts';
import { createRestMapper } from '../../src/kube/rest-mapper.ts';
import { ScaleCache } from '../../src/kube/scale-cache.ts';
import { createScaleClient } from '../../src/kube/scale-client.ts';
import { systemClock } from '../../src/lib/clock.ts';
import { errorMessage } from '../../src/lib/errors.ts';
import { silentLogger } from '../../src/lib/logger.ts';
import { type FakeApiServer, type FakeObject, startFakeApiServer } from '../support/fake-apiserver.ts';
import { waitFor } from './wait-for.ts';

const deployments = '/apis/apps/v1/deployments';

function workload(name: string, replicas: number): FakeObject {
  return {
    metadata: { name, namespace: 'default', uid: `uid-${name}` },
    spec: { replicas, selector: { matchLabels: { app: name } } },
    status: { replicas: replicas - 1 },
  };
}

describe('ScaleCache', () => {
  let server: FakeApiServer;
  let client: ClosableApiClient;
  let cache: ScaleCache;
  let stop: AbortController;
  let running: Promise<void>;

  beforeEach(async () => {
    server = await startFakeApiServer();
    const kubeConfig = server.kubeConfig();
    const options = { clock: systemClock, logger: silentLogger };
    client = createApiClient({ ...options, kubeConfig, userAgent: 'test', qps: -1, burst: 1 });
    cache = new ScaleCache({ ...options, client });
    stop = new AbortController();
    server.put(deployments, workload('web', 3));
    running = cache.run(stop.signal);
    await waitFor('synced', () => cache.hasSynced);
  });

  afterEach(async () => {
    stop.abort();
    await running;
    await client.close();
    await server.close();
  });

  it('answers the scale of a Deployment without a request, and follows it', async () => {
    const scales = createScaleClient({ client, mapper: createRestMapper({ client, clock: systemClock }), cache });
    const reference = { apiVersion: 'apps/v1', kind: 'Deployment', name: 'web' };
    const asked = server.requests.length;
    const { specReplicas, statusReplicas, selector } = await scales.getScale(reference, 'default');
    expect([specReplicas, statusReplicas, selector]).to.deep.equal([3, 2, 'app=web']);
    server.put(deployments, workload('web', 8));
    await waitFor('the change has come', () => {
      const cached = cache.get('apps', 'Deployment', 'default', 'web');
      return cached.outcome === 'found' && cached.scale.specReplicas === 8;
    });
    const missing = await scales.getScale({ ...reference, name: 'nobody' }, 'default').catch(errorMessage);
    expect(missing).to.equal('deployments.apps "nobody" not found');
    expect(server.requests.slice(asked).filter(({ query }) => !query.has('watch'))).to.deep.equal([]);
  });

  it('knows nothing of other kinds', () => {
    expect(cache.get('argoproj.io', 'Rollout', 'default', 'web')).to.deep.equal({ outcome: 'unknown' });
  });

  it('watches ReplicaSets and ReplicationControllers only once somebody asks', async () => {
    const path = '/apis/apps/v1/replicasets';
    server.put(path, workload('rs', 2));
    expect(server.requests.some((request) => request.path === path)).to.equal(false);
    expect(cache.get('apps', 'ReplicaSet', 'default', 'rs').outcome).to.equal('unknown');
    await waitFor('it is known', () => cache.get('apps', 'ReplicaSet', 'default', 'rs').outcome === 'found');
    expect(cache.get('', 'ReplicationController', 'default', 'rc').outcome).to.equal('unknown');
    await waitFor(
      'it is known to be missing',
      () => cache.get('', 'ReplicationController', 'default', 'rc').outcome === 'missing',
    );
    expect(server.requests.filter((request) => request.path === path)).to.have.length(1);
  });

  it('tells which target changed', async () => {
    const seen: string[] = [];
    cache.onChange((change, target, scale) =>
      seen.push(`${change} ${target.group}/${target.kind} ${target.namespace}/${target.name} ${scale.specReplicas}`),
    );
    server.put(deployments, workload('web', 4));
    server.remove(deployments, 'default/web');
    await waitFor('both came', () => seen.length === 2);
    expect(seen).to.deep.equal(['updated apps/Deployment default/web 4', 'deleted apps/Deployment default/web 4']);
  });
});
