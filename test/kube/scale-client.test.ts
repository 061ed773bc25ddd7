import { expect } from 'chai';
import { isConflict } from '../../src/kube/api-status-error.ts';
import type { ClosableApiClient } from '../../src/kube/client.ts';
import { createRestMapper } from '../../src/kube/rest-mapper.ts';
import { createScaleClient, type ScaleClient } from '../../src/kube/scale-client.ts';
import { errorMessage } from '../../src/lib/errors.ts';
import { failureOf } from '../support/failure-of.ts';
import { status } from '../support/fake-apiserver.ts';
import { FakeClock } from '../support/fake-clock.ts';
import { nock, useNock } from '../support/nocked.ts';
import { appsResources, discoveryNock, nockClient, server } from './api-client.ts';

const deployment = { apiVersion: 'apps/v1', kind: 'Deployment', name: 'web' };
const path = '/apis/apps/v1/namespaces/default/deployments/web/scale';
const scale = {
  kind: 'Scale',
  apiVersion: 'autoscaling/v1',
  metadata: { name: 'web', namespace: 'default', uid: 'u1', resourceVersion: '7' },
  spec: { replicas: 3 },
  status: { replicas: 2, selector: 'app=web' },
};
const view = { uid: 'u1', resourceVersion: '7', specReplicas: 3, statusReplicas: 2, selector: 'app=web' };

describe('ScaleClient', () => {
  useNock();

  let client: ClosableApiClient;
  let scales: ScaleClient;

  beforeEach(() => {
    client = nockClient();
    scales = createScaleClient({ client, mapper: createRestMapper({ client, clock: new FakeClock() }) });
  });

  afterEach(() => client.close());

  const discovery = (): void => {
    discoveryNock();
    nock(server).get('/apis/apps/v1').reply(200, appsResources);
  };

  it('reads the scale, whatever version the reference names', async () => {
    discovery();
    nock(server).get(path).times(2).reply(200, scale);
    expect(await scales.getScale(deployment, 'default')).to.deep.equal(view);
    expect(await scales.getScale({ ...deployment, apiVersion: 'apps/v1beta9' }, 'default')).to.deep.equal(view);
  });

  it('writes replicas on the version that was read', async () => {
    discovery();
    let sent: unknown;
    nock(server)
      .put(path, (body: unknown) => {
        sent = body;
        return true;
      })
      .reply(200, { ...scale, metadata: { ...scale.metadata, resourceVersion: '8' }, spec: { replicas: 5 } });
    const updated = await scales.updateScale({ reference: deployment, namespace: 'default', scale: view, replicas: 5 });
    expect(sent).to.deep.equal({ ...scale, spec: { replicas: 5 } });
    expect([updated.resourceVersion, updated.specReplicas]).to.deep.equal(['8', 5]);
  });

  it('passes on a conflict, in the API server’s words', async () => {
    discovery();
    nock(server)
      .put(path)
      .reply(409, status(409, 'Conflict', 'Operation cannot be fulfilled'));
    const error = await failureOf(
      scales.updateScale({ reference: deployment, namespace: 'default', scale: view, replicas: 5 }),
    );
    expect(isConflict(error)).to.equal(true);
    expect(errorMessage(error)).to.equal('Operation cannot be fulfilled');
  });

  it('passes on that the object or its scale is missing', async () => {
    discovery();
    nock(server)
      .get(path)
      .reply(404, status(404, 'NotFound', 'deployments.apps "web" not found'));
    expect(errorMessage(await failureOf(scales.getScale(deployment, 'default')))).to.equal(
      'deployments.apps "web" not found',
    );
    nock(server)
      .get('/apis/apps/v1/namespaces/default/daemonsets/agent/scale')
      .reply(404, status(404, 'NotFound', 'the server could not find the requested resource'));
    const daemonSet = { apiVersion: 'apps/v1', kind: 'DaemonSet', name: 'agent' };
    expect(errorMessage(await failureOf(scales.getScale(daemonSet, 'default')))).to.equal(
      'the server could not find the requested resource',
    );
  });

  const check = (title: string, apiVersion: string, expected: string): void => {
    it(title, async () => {
      if (!apiVersion.includes('/b/')) discovery();
      const error = await failureOf(scales.getScale({ apiVersion, kind: 'Foo', name: 'x' }, 'default'));
      expect(errorMessage(error)).to.equal(expected);
    });
  };
  check('refuses an apiVersion with two slashes (H-14)', 'a/b/c', 'unexpected GroupVersion string: a/b/c');
  check('refuses a kind that is not served (H-15)', 'apps/v1', 'no matches for kind "Foo" in group "apps"');
});
