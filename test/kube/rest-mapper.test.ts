import { expect } from 'chai';
import { type ClosableApiClient, createApiClient } from '../../src/kube/client.ts';
import { createRestMapper, type RestMapper } from '../../src/kube/rest-mapper.ts';
import { systemClock } from '../../src/lib/clock.ts';
import { HeadroomError } from '../../src/lib/errors.ts';
import { silentLogger } from '../../src/lib/logger.ts';
import { FakeApiServer } from '../support/fake-apiserver.ts';
import { FakeClock } from '../support/fake-clock.ts';
import { nock, useNock } from '../support/nocked.ts';
import { until } from '../support/until.ts';
import { appsResources, discoveryNock, nockClient, resourceList, server } from './api-client.ts';

async function messageOf(work: Promise<unknown>): Promise<string> {
  try {
    await work;
  } catch (error) {
    return error instanceof HeadroomError ? `${error.code} ${error.message}` : String(error);
  }
  return 'no failure';
}

describe('RestMapper', () => {
  useNock();

  let clock: FakeClock;
  let client: ClosableApiClient;
  let mapper: RestMapper;

  beforeEach(() => {
    clock = new FakeClock();
    client = nockClient();
    mapper = createRestMapper({ client, clock });
  });

  afterEach(() => client.close());

  const apps = (times = 1): void => {
    nock(server).get('/apis/apps/v1').times(times).reply(200, appsResources);
  };

  it('finds the resource of a kind, and the kind of its scale', async () => {
    discoveryNock();
    apps();
    expect(await mapper.resourceFor('Deployment', 'apps')).to.deep.equal({
      group: 'apps',
      version: 'v1',
      resource: 'deployments',
      kind: 'Deployment',
      namespaced: true,
      scaleApiVersion: 'autoscaling/v1',
    });
    expect((await mapper.resourceFor('DaemonSet', 'apps')).scaleApiVersion).to.equal(undefined);
    expect((await mapper.resourceFor('deployment', 'apps')).resource).to.equal('deployments');
  });

  it('finds kinds of the core group', async () => {
    discoveryNock();
    const controllers = { name: 'replicationcontrollers', kind: 'ReplicationController', namespaced: true };
    const scale = { name: 'replicationcontrollers/scale', kind: 'Scale', group: 'autoscaling', version: 'v1' };
    nock(server).get('/api/v1').reply(200, resourceList(controllers, scale));
    const { resource, group, scaleApiVersion } = await mapper.resourceFor('ReplicationController', '');
    expect([resource, group, scaleApiVersion]).to.deep.equal(['replicationcontrollers', '', 'autoscaling/v1']);
  });

  it('prefers the preferred version, and takes another for what only that has', async () => {
    discoveryNock();
    const rollouts = { name: 'rollouts', kind: 'Rollout', namespaced: true };
    const scale = { name: 'rollouts/scale', kind: 'Scale', group: 'autoscaling', version: 'v1' };
    nock(server).get('/apis/argoproj.io/v1alpha1').reply(200, resourceList(rollouts, scale));
    const old = { name: 'olds', kind: 'Old', namespaced: true };
    nock(server).get('/apis/argoproj.io/v1beta1').reply(200, resourceList(rollouts, old));
    expect((await mapper.resourceFor('Rollout', 'argoproj.io')).version).to.equal('v1alpha1');
    expect((await mapper.resourceFor('Old', 'argoproj.io')).version).to.equal('v1beta1');
  });

  it('says that there is no such kind, or no such group', async () => {
    discoveryNock();
    apps();
    expect(await messageOf(mapper.resourceFor('Foo', 'apps'))).to.equal(
      'KIND_UNKNOWN no matches for kind "Foo" in group "apps"',
    );
    nock(server).get('/api/v1').reply(200, resourceList());
    expect(await messageOf(mapper.resourceFor('Foo', ''))).to.equal(
      'KIND_UNKNOWN no matches for kind "Foo" in group ""',
    );
    expect(await messageOf(mapper.resourceFor('Foo', 'nobody.example'))).to.equal(
      'KIND_UNKNOWN no matches for kind "Foo" in group "nobody.example"',
    );
  });

  it('remembers for 30 seconds, then asks again', async () => {
    discoveryNock();
    apps();
    await mapper.resourceFor('Deployment', 'apps');
    await clock.advance(29_999);
    await mapper.resourceFor('Deployment', 'apps');
    await clock.advance(1);
    discoveryNock();
    apps();
    await mapper.resourceFor('Deployment', 'apps');
  });

  it('asks again once for a kind that is missing, but not every time', async () => {
    discoveryNock();
    nock(server).get('/apis/apps/v1').reply(200, resourceList());
    expect(await messageOf(mapper.resourceFor('Deployment', 'apps'))).to.contain('no matches');
    await clock.advance(4_999);
    expect(await messageOf(mapper.resourceFor('Deployment', 'apps'))).to.contain('no matches');
    await clock.advance(1);
    discoveryNock();
    apps();
    expect((await mapper.resourceFor('Deployment', 'apps')).resource).to.equal('deployments');
  });

  it('passes over a group whose server is away', async () => {
    discoveryNock();
    nock(server).get('/apis/broken.example/v1').reply(503, 'down');
    expect(await messageOf(mapper.resourceFor('Foo', 'broken.example'))).to.contain('no matches for kind "Foo"');
  });

  it('does not remember a failure', async () => {
    nock(server).get('/apis').reply(500, 'down');
    expect(await messageOf(mapper.resourceFor('Deployment', 'apps'))).to.match(/^API_STATUS/);
    discoveryNock();
    apps();
    await mapper.resourceFor('Deployment', 'apps');
  });
});

describe('RestMapper of an API server that takes requests and answers none', () => {
  const apiServer = new FakeApiServer();
  let client: ClosableApiClient;
  let mapper: RestMapper;
  let answer: (() => void) | undefined;

  before(() => apiServer.listen());
  after(() => apiServer.close());

  beforeEach(() => {
    client = createApiClient({
      kubeConfig: apiServer.kubeConfig(),
      clock: systemClock,
      logger: silentLogger,
      userAgent: 'test',
      qps: -1,
      burst: 1,
    });
    mapper = createRestMapper({ client, clock: systemClock });
    answer = undefined;
    apiServer.intercept = ({ path }, response) => {
      const body = path === '/apis' ? { groups: [{ name: 'apps', versions: [{ version: 'v1' }] }] } : appsResources;
      const send = (): void => {
        response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(body));
      };
      if (answer === undefined) answer = send;
      else send();
      return true;
    };
  });

  afterEach(() => client.close());

  it('waits no longer than the caller allows, so that the end of the program is not held up', async () => {
    const stop = new AbortController();
    const asked = messageOf(mapper.resourceFor('Widget', 'example.com', stop.signal));
    await until(() => answer !== undefined);
    const stoppedAtMs = Date.now();
    stop.abort();
    expect(await asked).to.equal('API_REQUEST_FAILED discovery: given up: This operation was aborted');
    expect(Date.now() - stoppedAtMs).to.be.below(1_000);
    expect(await messageOf(mapper.resourceFor('Widget', 'example.com', stop.signal))).to.contain('given up');
  });

  it('lets others who wait for the same answer go on waiting', async () => {
    const stop = new AbortController();
    const gaveUp = messageOf(mapper.resourceFor('Deployment', 'apps', stop.signal));
    const patient = mapper.resourceFor('Deployment', 'apps');
    await until(() => answer !== undefined);
    stop.abort();
    expect(await gaveUp).to.contain('given up');
    answer?.();
    expect((await patient).resource).to.equal('deployments');
  });
});
