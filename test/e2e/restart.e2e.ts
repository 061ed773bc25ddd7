// E2e: processes that are killed while they work. Nothing that was remembered is lost, and nothing is done twice.
import { join } from 'node:path';
import { expect } from 'chai';
import { eventually, startTestCluster, type TestCluster } from '../support/cluster-fixture.ts';
import { type HeadroomProcess, startHeadroom } from '../support/headroom-process.ts';
import { deployment, horizontalPodAutoscaler } from '../support/workload-builders.ts';

// With a request of 200m and a target of 50 %, from any number of pods on 0.49 cores call for 5 and 0.08 for 1.
const quietCores = 0.08;
const busyCores = 0.49;

/** Longer than a new process takes until it knows the usage of pods. */
const windowMs = 60_000;
/** One pod more in such a time. */
const policyMs = 10_000;

const flags = [
  '--native-hpas=always',
  '--leader-elect-lease-duration=6s',
  '--leader-elect-renew-deadline=4s',
  '--leader-elect-retry-period=1s',
];

interface Change {
  readonly atMs: number;
  readonly from: number;
  readonly to: number;
}

describe('processes that are killed', function () {
  this.timeout(240_000);

  const started = new AsyncDisposableStack();
  const all: HeadroomProcess[] = [];
  let cluster: TestCluster;

  before(async function () {
    this.timeout(900_000);
    const workload = (name: string) => ({ name, namespace: 'default', selector: { app: name }, cores: busyCores });
    cluster = started.use(await startTestCluster({ simulation: { workloads: ['web', 'steps'].map(workload) } }));
    await cluster.apply(deployment({ name: 'web' }), deployment({ name: 'steps' }));
  });

  after(() => started.disposeAsync());

  async function begin(): Promise<HeadroomProcess> {
    const stateDir = join(cluster.controlPlane.dir, 'state');
    const process = started.use(
      await startHeadroom(cluster.controlPlane, {
        flags: [...flags, `--state-dir=${stateDir}-${all.length === 0 ? 0 : 1}`],
      }),
    );
    all.push(process);
    return process;
  }

  const applyAutoscalers = (): Promise<unknown> =>
    cluster.apply(
      horizontalPodAutoscaler({
        name: 'web',
        behavior: { scaleDown: { stabilizationWindowSeconds: windowMs / 1000 } },
      }),
      horizontalPodAutoscaler({
        name: 'steps',
        behavior: { scaleUp: { policies: [{ type: 'Pods', value: 1, periodSeconds: policyMs / 1000 }] } },
      }),
    );

  /** What all processes changed, in order of the times at which the API server had accepted it. */
  const changesOf = (name: string): readonly Change[] =>
    all
      .flatMap((process) =>
        process.logged((line) => line.message === 'replicas changed' && line['target'] === `Deployment/${name}`),
      )
      .map((line) => ({
        atMs: Date.parse(String(line['acceptedAt'])),
        from: Number(line['from']),
        to: Number(line['to']),
      }))
      .toSorted((a, b) => a.atMs - b.atMs);

  const replicasBecome = (name: string, replicas: number): Promise<unknown> =>
    eventually(() => changesOf(name).at(-1)?.to === replicas, 120_000);

  const lastChangeMs = (name: string): number => changesOf(name).at(-1)?.atMs ?? 0;

  it('the next leader holds replicas up for the rest of the window, as it saw what the one before recommended', async () => {
    const first = await begin();
    await first.waitFor('leads');
    const second = await begin();
    // Not before: how large a change was, a status tells only until the next sync.
    await applyAutoscalers();
    await replicasBecome('web', 5);
    cluster.simulation.setDemand('web', { cores: quietCores });
    const droppedAtMs = Date.now();
    await first.stop('SIGKILL');
    await second.waitFor('leads');
    await replicasBecome('web', 1);
    expect(lastChangeMs('web') - droppedAtMs).to.be.within(windowMs - 5_000, windowMs + 45_000);
    expect(second.logged((line) => line.message === 'replicas changed' && line['to'] === 1)).to.have.length(1);
  });

  it('no policy allowed more because of that: one step at a time, each a period of the policy after the one before', () => {
    const steps = changesOf('steps');
    expect(steps.length).to.be.at.least(3);
    expect(steps.map(({ from, to }) => to - from).every((step) => step === 1)).to.equal(true);
    const pausesMs = steps.slice(1).map(({ atMs }, index) => atMs - (steps[index]?.atMs ?? 0));
    // What a write usually takes is not counted, neither of the change before nor of this one.
    expect(Math.min(...pausesMs), JSON.stringify(steps)).to.be.at.least(policyMs - 500);
  });

  it('the next process on its --state-dir holds replicas up for a window, though nobody was there meanwhile', async () => {
    cluster.simulation.setDemand('web', { cores: busyCores });
    await replicasBecome('web', 5);
    await all.at(-1)?.stop('SIGKILL');
    cluster.simulation.setDemand('web', { cores: quietCores });
    const third = await begin();
    const startedAtMs = Date.now();
    await third.waitFor((line) => line.message === 'histories restored' && line['isFinal'] === false);
    await replicasBecome('web', 1);
    expect(lastChangeMs('web') - startedAtMs).to.be.within(windowMs - 10_000, windowMs + 45_000);
  });
});
