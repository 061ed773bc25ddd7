// Integration: heartbeats of the simulated nodes, with a clock that is told to move and an API server on a real socket.
import { expect } from 'chai';
import { silentLogger } from '../../src/lib/logger.ts';
import { SimApiClient } from '../cluster/sim/api-client.ts';
import { defaultCapacity } from '../cluster/sim/node-object.ts';
import { NodeRegistrar } from '../cluster/sim/node-registrar.ts';
import { type FakeApiServer, send, startFakeApiServer, status } from '../support/fake-apiserver.ts';
import { FakeClock } from '../support/fake-clock.ts';
import { until } from '../support/until.ts';

/** The fake API server knows no subresources. */
const answerStatus: FakeApiServer['intercept'] = ({ path }, response) => {
  if (!path.endsWith('/status')) return false;
  send(response, 200, {});
  return true;
};

describe('the heartbeats of simulated nodes', () => {
  let server: FakeApiServer;
  let api: SimApiClient;
  let clock: FakeClock;
  let ended: AbortController;
  let running: Promise<void>;

  beforeEach(async () => {
    server = await startFakeApiServer();
    server.intercept = answerStatus;
    api = new SimApiClient(server.kubeConfig());
    clock = new FakeClock();
    ended = new AbortController();
    const nodes = ['sim-0', 'sim-1'].map((name, index) => ({
      name,
      address: `127.16.1.${index + 1}`,
      kubeletPort: 10250,
      capacity: defaultCapacity,
      labels: {},
      annotations: {},
    }));
    const registrar = new NodeRegistrar({ api, clock, logger: silentLogger }, nodes);
    await registrar.register(ended.signal);
    server.requests.length = 0;
    running = registrar.run(ended.signal);
  });

  afterEach(async () => {
    ended.abort();
    await clock.advance(1000);
    await running;
    await api.close();
    await server.close();
  });

  const patches = (part: string): number =>
    server.requests.filter(({ method, path }) => method === 'PATCH' && path.includes(part)).length;

  /** Lets time pass in steps, each as long as it takes for what it caused to be answered. */
  async function pass(seconds: number): Promise<void> {
    for (let step = 0; step < seconds; step++) {
      await until(() => clock.waiting > 0);
      await clock.advance(1000);
    }
    await until(() => clock.waiting > 0);
  }

  it('renew each lease every 10 s', async () => {
    await pass(35);
    expect(patches('/leases/sim-0')).to.be.within(3, 4);
    expect(patches('/leases/sim-1')).to.be.within(3, 4);
    expect(patches('/status')).to.equal(0);
  });

  it('report an unchanged status every 5 minutes, with the time since when the node is ready', async () => {
    await pass(310);
    expect(patches('/sim-0/status')).to.equal(1);
    const { body } = server.requests.find(({ path }) => path.endsWith('/sim-0/status')) ?? {};
    const ready = (body as { status: { conditions: Record<string, string>[] } }).status.conditions.at(-1);
    expect(ready).to.include({ type: 'Ready', status: 'True', lastTransitionTime: '2023-11-14T22:13:20Z' });
    expect(Date.parse(ready?.['lastHeartbeatTime'] ?? '')).to.be.greaterThan(Date.parse('2023-11-14T22:15:00Z'));
  }).timeout(20_000);

  it('try again soon when the API server refused', async () => {
    server.intercept = (_request, response) => {
      send(response, 500, status(500, 'InternalError', 'no'));
      return true;
    };
    await pass(12);
    const refused = patches('/leases/sim-0');
    expect(refused).to.be.greaterThan(1);
    server.intercept = answerStatus;
    await pass(3);
    expect(patches('/leases/sim-0')).to.equal(refused + 1);
  });
});
