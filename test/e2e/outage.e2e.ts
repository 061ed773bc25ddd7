// E2e: the API server gone for a while; several Headrooms, of which one scales; and every way in which one ends.
import { readdirSync, readFileSync } from 'node:fs';
import { expect } from 'chai';
import type { ProbeOptions } from '../cluster/probe.ts';
import { eventually, startTestCluster, type TestCluster } from '../support/cluster-fixture.ts';
import { type HeadroomProcess, startHeadroom } from '../support/headroom-process.ts';
import { deployment, horizontalPodAutoscaler } from '../support/workload-builders.ts';

// With a request of 200m and a target of 50 %, from any number of pods on 0.49 cores call for 5 and 0.08 for 1.
const quietCores = 0.08;
const busyCores = 0.49;

/** A lease that is lost, and taken over, within seconds. */
const flags = [
  '--native-hpas=always',
  '--horizontal-pod-autoscaler-downscale-stabilization=0s',
  '--leader-elect-lease-duration=6s',
  '--leader-elect-renew-deadline=4s',
  '--leader-elect-retry-period=1s',
];
/** Longer than a leader keeps trying. */
const outageMs = 10_000;

const leasePath = '/apis/coordination.k8s.io/v1/namespaces/headroom-system/leases/headroom';
const nodes = '/apis/metrics.k8s.io/v1beta1/nodes';

describe('several Headrooms on one cluster', () => {
  const started = new AsyncDisposableStack();
  let cluster: TestCluster;
  let first: HeadroomProcess;
  let others: HeadroomProcess[];

  before(async () => {
    const workload = { name: 'web', namespace: 'default', selector: { app: 'web' }, cores: busyCores };
    cluster = started.use(await startTestCluster({ simulation: { workloads: [workload] } }));
    await cluster.apply(deployment({ name: 'web' }), horizontalPodAutoscaler({ name: 'web' }));
    first = started.use(await cluster.startHeadroom({ flags }));
    await first.waitFor('leads');
    others = await Promise.all([0, 1].map(() => startHeadroom(cluster.controlPlane, { flags })));
    for (const each of others) started.use(each);
    await Promise.all(
      [first, ...others].map((each) => eventually(async () => (await each.get('/readyz'))?.status === 200)),
    );
  });

  after(() => started.disposeAsync());

  const holder = async (): Promise<string> => {
    const { spec } = await cluster.read<{ spec: { holderIdentity?: string } }>(leasePath);
    return spec.holderIdentity ?? '';
  };

  const isLeader = async (process: HeadroomProcess): Promise<boolean> =>
    (await process.selfMetric('headroom_kube_leader{lease="headroom"}')) === 1;

  const replicasBecome = (replicas: number): Promise<string> =>
    cluster.kubectl('wait', 'deployment/web', `--for=jsonpath={.spec.replicas}=${replicas}`, '--timeout=60s');

  const asAdmin = (): ProbeOptions => {
    const { certificatePem: cert, keyPem: key } = cluster.controlPlane.credentials.admin;
    return { cert, key };
  };

  /** When the samples of the node that it serves were taken. */
  async function servedAtMs(process: HeadroomProcess): Promise<number> {
    const answer = await process.get(nodes, asAdmin());
    const { items } = JSON.parse(answer?.body ?? '') as { items: { timestamp: string }[] };
    return Date.parse(items[0]?.timestamp ?? '');
  }

  /** The one of them that leads, when it does. */
  async function nextLeader(candidates: readonly HeadroomProcess[], timeoutMs: number): Promise<HeadroomProcess> {
    return eventually(async () => {
      for (const candidate of candidates) if (await isLeader(candidate)) return candidate;
      return undefined;
    }, timeoutMs);
  }

  describe('without the lease', () => {
    it('serve metrics', async () => {
      for (const follower of others) {
        expect(await isLeader(follower)).to.equal(false);
        expect(Date.now() - (await servedAtMs(follower))).to.be.below(18_000);
      }
      expect(await holder()).to.equal(first.identity);
    });

    it('do not scale: the leader does', async () => {
      await replicasBecome(5);
      await first.waitFor((line) => line.message === 'replicas changed' && line['to'] === 5);
      for (const follower of others) expect(follower.logged('replicas changed')).to.deep.equal([]);
    });
  });

  describe('while the API server is gone', () => {
    let samplesBeforeMs: number;

    before(async () => {
      samplesBeforeMs = await servedAtMs(first);
      await cluster.controlPlane.stopComponent('kube-apiserver');
      cluster.simulation.setDemand('web', { cores: quietCores });
    });

    it('say so once', async () => {
      for (const each of [first, ...others]) {
        await each.waitFor('API server does not answer');
        expect(each.logged('API server does not answer')).to.have.length(1);
      }
    });

    it('have no leader any more, after the renew deadline', async () => {
      await first.waitFor('lost the lease', outageMs);
      expect(first.exited).to.equal(undefined);
    });

    it('go on scraping and serve what they have', async () => {
      await eventually(async () => (await servedAtMs(first)) > samplesBeforeMs);
      for (const each of [first, ...others]) {
        expect((await each.get('/livez'))?.body).to.equal('ok');
        expect((await each.get('/readyz'))?.body).to.equal('ok');
      }
    });

    it('resume scaling when it is back, with one leader', async () => {
      await cluster.controlPlane.startComponent('kube-apiserver');
      await replicasBecome(1);
      const all = [first, ...others];
      for (const each of all) {
        await each.waitFor('API server answers again');
        expect(each.exited).to.equal(undefined);
      }
      const leaders = await Promise.all(all.map(isLeader));
      expect(leaders.filter(Boolean)).to.have.length(1);
      const errors = all.flatMap((each) => each.logged(({ level }) => level === 'error'));
      expect(errors).to.deep.equal([]);
      await cluster.kubectl('wait', 'apiservice/v1beta1.metrics.k8s.io', '--for=condition=Available', '--timeout=30s');
    });
  });

  describe('when the leader ends', () => {
    let alive: HeadroomProcess[];

    before(() => {
      alive = [first, ...others];
    });

    /** Needs no new samples to be acted on. */
    async function wantAtLeast(minReplicas: number): Promise<void> {
      const patch = JSON.stringify({ spec: { minReplicas } });
      await cluster.kubectl('patch', 'hpa', 'web', '--type=merge', '-p', patch);
      await replicasBecome(minReplicas);
    }

    async function takeOut(
      end: (leader: HeadroomProcess) => Promise<void>,
      withinMs: number,
    ): Promise<{ readonly ended: HeadroomProcess; readonly next: HeadroomProcess }> {
      const ended = await nextLeader(alive, 10_000);
      alive = alive.filter((each) => each !== ended);
      await end(ended);
      return { ended, next: await nextLeader(alive, withinMs) };
    }

    it('by SIGTERM, exits 0 in time, gives up the lease and leaves no process', async () => {
      const { ended, next } = await takeOut(async (leader) => {
        const group = processesOfGroup(leader.pid);
        expect(group).to.include(leader.pid);
        const askedAtMs = Date.now();
        expect(await leader.stop('SIGTERM')).to.deep.equal({ code: 0, signal: null });
        expect(Date.now() - askedAtMs).to.be.below(10_000);
        await eventually(() => processesOfGroup(leader.pid).length === 0, 5_000);
      }, 10_000);
      expect(ended.logged('released the lease')).to.have.length(1);
      expect(await holder()).to.equal(next.identity);
    });

    it('the next one scales', async () => {
      await wantAtLeast(3);
      const leader = await nextLeader(alive, 10_000);
      await leader.waitFor((line) => line.message === 'replicas changed' && line['to'] === 3, 30_000);
    });

    it('by SIGKILL, the last one takes the lease when it has run out, and scales', async () => {
      const { next } = await takeOut(async (leader) => {
        expect(await leader.stop('SIGKILL')).to.deep.equal({ code: null, signal: 'SIGKILL' });
      }, 15_000);
      await wantAtLeast(4);
      await next.waitFor((line) => line.message === 'replicas changed' && line['to'] === 4, 30_000);
    });
  });

  describe('told to stop while it takes its time', () => {
    it('fails /readyz and serves on; a second signal ends it at once with exit code 1', async () => {
      const slow = started.use(
        await startHeadroom(cluster.controlPlane, { flags: [...flags, '--shutdown-delay-duration=20s'] }),
      );
      await slow.waitFor('autoscaler controller runs');
      slow.signal('SIGTERM');
      await slow.waitFor('stopping');
      const readiness = await eventually(async () => {
        const answer = await slow.get('/readyz');
        return answer?.status === 500 && answer;
      });
      expect(readiness.body).to.include('[-]shutdown failed: reason withheld\n');
      expect((await slow.get(nodes, asAdmin()))?.status).to.equal(200);
      const askedAtMs = Date.now();
      expect(await slow.stop('SIGTERM')).to.deep.equal({ code: 1, signal: null });
      // A fourth of the delay that it was told to keep.
      expect(Date.now() - askedAtMs).to.be.below(5_000);
    });
  });
});

/** The processes of a group that run; proc(5): the group is the third field after the command's name. */
function processesOfGroup(groupId: number): number[] {
  const pids = readdirSync('/proc').filter((entry) => /^\d+$/.test(entry));
  return pids.map(Number).filter((pid) => {
    try {
      const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
      const [state, , group] = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
      return state !== 'Z' && Number(group) === groupId;
    } catch {
      return false; // it has ended since
    }
  });
}
