import { expect } from 'chai';
import * as fc from 'fast-check';
import { ApiStatusError } from '../../src/kube/api-status-error.ts';
import { cpuUtilization } from '../support/autoscaler-builders.ts';
import { ControllerWorld, syncPeriodMs, type WorldParts } from '../support/controller-fakes.ts';
import { FakeClock } from '../support/fake-clock.ts';
import { template } from '../support/observation-builders.ts';

describe('the autoscaler controller', () => {
  let world: ControllerWorld;

  afterEach(async () => {
    const stopped = world.controller.stop();
    await world.clock.advance(10_000);
    await stopped;
  });

  /** HPA shop/web at 50 % on Deployment web with two pods. */
  const startWeb = async (cpuMilli: number, parts: WorldParts = {}): Promise<void> => {
    world = new ControllerWorld(parts);
    world.deploy('web', 2, cpuMilli);
    world.api.put();
    await world.start();
  };

  describe('looks', () => {
    it('at a new autoscaler at once', async () => {
      await startWeb(500);
      expect(world.status()).to.include({ currentReplicas: 2, desiredReplicas: 2 });
      expect(world.condition('AbleToScale')).to.match(/^True ReadyForNewScale/);
      world.deploy('api', 2, 500);
      world.api.put({ name: 'api', target: 'api' });
      await world.clock.advance(0);
      expect(world.status('api')).to.include({ currentReplicas: 2 });
    });

    it('at a changed spec at once', async () => {
      await startWeb(500);
      await world.clock.advance(1_000);
      world.api.put({ spec: { metrics: [cpuUtilization(25)] }, status: world.status() });
      await world.clock.advance(0);
      expect(world.scales.replicas('web')).to.equal(4);
    });

    it('not at changed labels, annotations and statuses', async () => {
      await startWeb(500);
      await world.clock.advance(1_000);
      world.use('web', 600);
      world.api.put({ status: world.status() });
      await world.clock.advance(0);
      expect(world.requests).to.have.length(1);
    });

    it('at an autoscaler whose target appears, without waiting for the period', async () => {
      world = new ControllerWorld();
      world.api.put();
      await world.start();
      expect(world.condition('AbleToScale')).to.match(/^False FailedGetScale .*deployments.apps "web" not found$/);
      await world.clock.advance(1_000);
      world.deploy('web', 2, 500);
      await world.clock.advance(0);
      expect(world.condition('AbleToScale')).to.match(/^True ReadyForNewScale/);
    });

    it('no more at a deleted autoscaler', async () => {
      await startWeb(500);
      world.api.delete('HorizontalPodAutoscaler', 'shop', 'web');
      await world.sample('web', 1000);
      await world.period(2);
      expect(world.scales.updates).to.deep.equal([]);
    });
  });

  it('forgets an autoscaler that is deleted while it is looked at', async () => {
    world = new ControllerWorld();
    world.deploy('web', 2, 900);
    world.api.put();
    world.api.intercept = ({ method }) => {
      if (method === 'PATCH') world.api.delete('HorizontalPodAutoscaler', 'shop', 'web');
    };
    await world.start();
    await world.period(2);
    expect(world.scales.updates).to.have.length(1);
    expect(await world.registry.metrics()).not.to.contain('hpa_name="web"');
    expect(world.events.texts.filter((text) => text.includes('FailedUpdateStatus'))).to.deep.equal([]);
  });

  describe('scales', () => {
    it('up when usage is above the target, and says so with the numbers', async () => {
      await startWeb(900);
      expect(world.scales.replicas('web')).to.equal(4);
      const reason = 'cpu resource utilization (percentage of request) above target';
      expect(world.events.texts).to.deep.equal([`Normal SuccessfulRescale New size: 4; reason: ${reason}`]);
      expect(world.status()).to.include({ currentReplicas: 2, desiredReplicas: 4 });
      expect(world.condition('AbleToScale')).to.equal(
        'True SucceededRescale the HPA controller was able to update the target scale to 4',
      );
      const [line] = world.logger.lines.filter(({ message }) => message === 'replicas changed');
      expect(line?.level).to.equal('info');
      expect(line?.fields).to.deep.include({
        autoscaler: 'HorizontalPodAutoscaler shop/web',
        target: 'Deployment/web',
        from: 2,
        to: 4,
        reason,
        limit: 'DesiredWithinRange',
        acceptedAt: new Date(world.clock.now()).toISOString(),
      });
      expect(JSON.parse(JSON.stringify(line?.fields))['metrics'][0]).to.deep.include({
        usageMilli: '1800',
        requestMilli: '2000',
        usageRatio: 1.8,
        tolerance: [0.9, 1.1],
        pods: { ready: 2 },
      });
    });

    it('once per sync, and not at every sample, while it is refused', async () => {
      world = new ControllerWorld();
      world.deploy('web', 2, 900);
      world.api.put();
      world.scales.beforeUpdate = () => {
        throw new ApiStatusError({ code: 403, reason: 'Forbidden', message: 'no' });
      };
      await world.start();
      await world.period();
      const before = world.scales.updates.length;
      for (let second = 0; second < syncPeriodMs / 1_000; second++) {
        await world.clock.advance(1_000);
        await world.sample('web', 900);
      }
      expect(world.scales.updates.length - before).to.equal(1);
    });

    it('once per sync, and not at every sample, with a metric that somebody else serves', async () => {
      world = new ControllerWorld();
      world.deploy('web', 2, 500);
      const target = { type: 'Value', value: '1' };
      const external = { type: 'External', external: { metric: { name: 'queue' }, target } };
      // A change of replicas would call for a look of its own.
      world.api.put({ spec: { maxReplicas: 2, metrics: [cpuUtilization(50), external] } });
      const asked = (): number => world.requests.filter((request) => request.endsWith('/queue')).length;
      await world.start();
      await world.period();
      const before = asked();
      for (let second = 0; second < syncPeriodMs / 1_000; second++) {
        await world.clock.advance(1_000);
        await world.sample('web', 900);
      }
      expect(asked() - before).to.equal(1);
    });

    it('on the very sample that crosses the tolerance', async () => {
      await startWeb(500);
      await world.clock.advance(4_000);
      await world.sample('web', 550);
      expect(world.scales.updates).to.deep.equal([]);
      await world.clock.advance(1_000);
      await world.sample('web', 600);
      expect(world.scales.replicas('web')).to.equal(3);
    });

    it('at most once per sync period, and again when it is over', async () => {
      await startWeb(900);
      const scaledAtMs = world.clock.now();
      world.deploy('web', 4, 900);
      for (let second = 1; second < 15; second++) {
        await world.clock.advance(1_000);
        await world.sample('web', 900);
      }
      expect(world.scales.updates).to.have.length(1);
      await world.clock.advance(scaledAtMs + syncPeriodMs - world.clock.now());
      expect(world.scales.updates).to.have.length(2);
      expect(world.scales.replicas('web')).to.equal(8);
    });

    it('at most once per sync period, whatever is sampled, edited and scaled by hand meanwhile', async () => {
      const happenings = fc.array(
        fc.record({
          afterMs: fc.integer({ min: 100, max: 6_000 }),
          what: fc.constantFrom('sample', 'sample', 'edit', 'scale by hand'),
          size: fc.integer({ min: 1, max: 9 }),
        }),
        { minLength: 20, maxLength: 60 },
      );
      const property = fc.asyncProperty(happenings, async (course) => {
        await startWeb(500);
        const scaledAtMs: number[] = [];
        world.scales.beforeUpdate = () => {
          scaledAtMs.push(world.clock.now());
        };
        for (const { afterMs, what, size } of course) {
          await world.clock.advance(afterMs);
          if (what === 'sample') await world.sample('web', size * 100);
          else if (what === 'scale by hand') world.scales.set('web', { specReplicas: size, statusReplicas: size });
          else world.api.put({ spec: { metrics: [cpuUtilization(size * 10)] }, status: world.status() });
          await world.clock.advance(0);
        }
        const gapsMs = scaledAtMs.slice(1).map((atMs, index) => atMs - (scaledAtMs[index] ?? 0));
        // Periods begin in steps.
        expect(Math.min(syncPeriodMs, ...gapsMs)).to.be.at.least(syncPeriodMs - 250);
        await world.controller.stop();
      });
      await fc.assert(property, { numRuns: 25 });
    });

    describe('by a policy for one pod per sync period', () => {
      /** Timers are late by some milliseconds, each by others. */
      class LateClock extends FakeClock {
        #sleeps = 0;

        override sleep(ms: number, signal?: AbortSignal): Promise<void> {
          this.#sleeps += 1;
          return super.sleep(ms + ((this.#sleeps * 7) % 5), signal);
        }
      }

      /** The times from one change to the next, without the first: the first period is shorter. */
      const pausesMs = async (cpuMilli: number, direction: string, writeMs: number): Promise<readonly number[]> => {
        const startedMs: number[] = [];
        world = new ControllerWorld({ clock: new LateClock() });
        world.scales.beforeUpdate = () => {
          startedMs.push(world.clock.now());
          return world.clock.sleep(writeMs);
        };
        let pods = direction === 'scaleUp' ? 2 : 10;
        world.deploy('web', pods, cpuMilli);
        const policy = { type: 'Pods', value: 1, periodSeconds: syncPeriodMs / 1000 };
        const rules = { stabilizationWindowSeconds: 0, selectPolicy: 'Max', policies: [policy] };
        world.api.put({ spec: { behavior: { [direction]: rules } } });
        await world.start();
        for (let second = 0; second < 80; second++) {
          await world.clock.advance(1_000);
          const replicas = world.scales.replicas('web') ?? 0;
          if (replicas !== pods) world.deploy('web', replicas, cpuMilli);
          pods = replicas;
          await world.sample('web', cpuMilli);
        }
        return startedMs.slice(2).map((atMs, index) => atMs - (startedMs[index + 1] ?? 0));
      };
      const check = (title: string, writeMs: number, leastMs: number): void => {
        describe(title, () => {
          for (const [direction, cpuMilli] of [
            ['scaleUp', 900],
            ['scaleDown', 10],
          ] as const) {
            it(direction, async () => {
              const pauses = await pausesMs(cpuMilli, direction, writeMs);
              expect(pauses.length).to.be.at.least(3);
              for (const pauseMs of pauses) expect(pauseMs).to.be.within(leastMs, leastMs + 500);
            });
          }
        });
      };
      check('at every sync, though a write takes a moment and timers are late', 200, syncPeriodMs - 250);
      check('a period after the end of a write that was slow', 2_000, syncPeriodMs + 2_000 - 250);
    });

    describe('again when the period of a policy is over, by the clock of now,', () => {
      const policies = [{ type: 'Pods', value: 1, periodSeconds: 30 }];
      const check = (title: string, set: () => void): void => {
        it(title, async () => {
          await startWeb(500);
          world.api.put({ spec: { behavior: { scaleUp: { policies } } } });
          await world.period();
          // Told by no sample: it is the sync of a period that scales.
          world.use('web', 900);
          world.scales.beforeUpdate = () => {
            if (world.scales.updates.length === 1) set();
          };
          for (let period = 0; period < 5; period++) await world.period();
          expect(world.scales.updates.length).to.be.at.least(2);
        });
      };
      check(
        'which was set back since the last change',
        () => void world.clock.sleep(1).then(() => world.clock.set(-3_600_000)),
      );
      check('which was set forward during the last change', () => world.clock.set(3_600_000));
    });

    it('at most once per sync period also after a restart', async () => {
      await startWeb(900);
      const status = world.status();
      const before = world;
      world = new ControllerWorld({ clock: before.clock });
      world.deploy('web', 4, 900);
      world.api.put({ status });
      await world.clock.advance(5_000);
      await world.start();
      expect(world.scales.updates).to.deep.equal([]);
      await world.clock.advance(syncPeriodMs);
      expect(world.scales.replicas('web')).to.equal(8);
      await before.controller.stop();
    });

    it('HRAs as it scales HPAs, and writes the columns of kubectl get', async () => {
      world = new ControllerWorld();
      world.deploy('web', 2, 900);
      world.api.put({ kind: 'HeadroomAutoscaler' });
      await world.start();
      expect(world.scales.replicas('web')).to.equal(4);
      expect(world.status('web', 'HeadroomAutoscaler')).to.include({
        reference: 'Deployment/web',
        targets: 'cpu: 90%/50%',
      });
      expect(world.events.published[0]?.regarding).to.include({
        apiVersion: 'autoscaling.headroom.dev/v1alpha1',
        kind: 'HeadroomAutoscaler',
      });
    });
  });

  it('writes the columns of kubectl get also when nothing else of the status changes', async () => {
    const kind = 'HeadroomAutoscaler';
    world = new ControllerWorld();
    world.deploy('web', 2, 500);
    world.api.put({ kind });
    await world.start();
    world.api.put({ kind, spec: { metrics: [cpuUtilization(51)] }, status: world.status('web', kind) });
    await world.clock.advance(0);
    expect(world.status('web', kind)).to.include({ targets: 'cpu: 50%/51%' });
  });

  describe('asks the API server nothing', () => {
    it('about a quiet autoscaler', async () => {
      await startWeb(500);
      await world.period();
      const before = world.requests.length;
      for (let period = 0; period < 10; period++) {
        await world.sample('web', 500);
        await world.period();
      }
      expect(world.requests).to.have.length(before);
    });

    it('between syncs when a sample changes nothing; the next sync reports it', async () => {
      await startWeb(500);
      await world.clock.advance(1_000);
      const before = world.requests.length;
      await world.sample('web', 510);
      expect(world.requests).to.have.length(before);
      await world.period();
      expect(world.status()['currentMetrics']).to.deep.equal([
        { type: 'Resource', resource: { name: 'cpu', current: { averageUtilization: 51, averageValue: '510m' } } },
      ]);
    });
  });

  describe('leaves the others alone when', () => {
    const check = (title: string, breakIt: () => void): void => {
      it(title, async () => {
        world = new ControllerWorld();
        for (const name of ['a', 'b', 'c']) {
          world.deploy(name, 2, 900);
          world.api.put({ name, target: name });
        }
        breakIt();
        await world.start();
        await world.period(2);
        expect([world.scales.replicas('a'), world.scales.replicas('c')]).to.deep.equal([4, 4]);
      });
    };
    check('the target of one does not exist', () => world.api.put({ name: 'b', target: 'nowhere' }));
    check('the write of one scale fails', () => {
      world.scales.beforeUpdate = ({ reference }) => {
        if (reference.name === 'b') throw new Error('boom');
      };
    });
    check('the write of one status fails', () => {
      world.api.intercept = ({ path }) => {
        if (path.includes('/b/')) throw new Error('boom');
      };
    });
    check('the lookup of one pod throws', () => {
      const { podUsages } = world.metrics;
      world.metrics.getPodUsage = (namespace, name) => {
        if (name === 'b-0') throw new Error('BUG: boom');
        return podUsages.get(`${namespace}/${name}`);
      };
    });
  });

  describe('says what is wrong', () => {
    const check = (title: string, arrange: () => void, type: string, expected: string): void => {
      it(title, async () => {
        world = new ControllerWorld();
        world.deploy('web', 2, 900);
        world.api.put();
        arrange();
        await world.start();
        expect(world.condition(type)).to.equal(expected);
        expect(world.scales.updates).to.deep.equal([]);
      });
    };
    check(
      'a target that does not exist',
      () => world.api.put({ target: 'nowhere' }),
      'AbleToScale',
      'False FailedGetScale the HPA controller was unable to get the target\'s current scale: deployments.apps "nowhere" not found',
    );
    check(
      'a kind that nobody serves',
      () => world.api.put({ spec: { scaleTargetRef: { apiVersion: 'apps/v1', kind: 'Crew', name: 'web' } } }),
      'AbleToScale',
      'False FailedGetScale the HPA controller was unable to get the target\'s current scale: no matches for kind "Crew" in group "apps"',
    );
    check(
      'a target without selector',
      () => world.scales.set('web', { selector: '' }),
      'ScalingActive',
      "False InvalidSelector the HPA target's scale is missing a selector",
    );
    check(
      'a target scaled to zero',
      () => world.scales.set('web', { specReplicas: 0 }),
      'ScalingActive',
      'False ScalingDisabled scaling is disabled since the replica count of the target is zero',
    );
    check(
      'pods without requests',
      () =>
        world.runPod('web-1', {
          labels: { app: 'web' },
          template: template({ containers: [{ name: 'app', requestsMilli: {} }] }),
        }),
      'ScalingActive',
      'False FailedGetResourceMetric the HPA was unable to compute the replica count: failed to get cpu utilization: missing request for cpu in container app of Pod web-1',
    );
    check(
      'pods without metrics',
      () => world.metrics.podUsages.clear(),
      'ScalingActive',
      'False FailedGetResourceMetric the HPA was unable to compute the replica count: failed to get cpu utilization: unable to get metrics for resource cpu: no metrics returned from resource metrics API',
    );

    it('once in the log when it comes and once when it goes', async () => {
      await startWeb(500);
      world.metrics.podUsages.clear();
      await world.period(3);
      world.use('web', 500);
      await world.period(3);
      const said = world.logger.lines.filter(
        ({ fields }) => fields['autoscaler'] !== undefined && fields['from'] === undefined,
      );
      expect(said.map(({ level, message }) => `${level} ${message}`)).to.deep.equal([
        'warn autoscaler has a problem',
        'info autoscaler works again',
      ]);
    });

    it('nothing about missing metrics while the program is too young to have any', async () => {
      world = new ControllerWorld({ warmUpMs: 40_000 });
      world.deploy('web', 2, 500);
      world.metrics.podUsages.clear();
      world.api.put();
      await world.start();
      await world.clock.advance(39_000);
      expect(world.requests).to.deep.equal([]);
      expect(world.events.texts).to.deep.equal([]);
      await world.clock.advance(1_500);
      expect(world.condition('ScalingActive')).to.match(/^False FailedGetResourceMetric/);
    });

    it('and no longer than that when the clock is set back meanwhile', async () => {
      world = new ControllerWorld({ warmUpMs: 40_000 });
      world.deploy('web', 2, 500);
      world.metrics.podUsages.clear();
      world.api.put();
      await world.start();
      world.clock.set(-5 * 3_600_000);
      await world.clock.advance(60_000);
      expect(world.condition('ScalingActive')).to.match(/^False FailedGetResourceMetric/);
    });

    it('and decides on the first sample during that time', async () => {
      world = new ControllerWorld({ warmUpMs: 40_000 });
      world.deploy('web', 2, 500);
      world.metrics.podUsages.clear();
      world.api.put();
      await world.start();
      await world.clock.advance(20_000);
      await world.sample('web', 900);
      expect(world.scales.replicas('web')).to.equal(4);
    });
  });

  describe('never overwrites a concurrent change', () => {
    it('but writes again when only the status of the target changed', async () => {
      world = new ControllerWorld();
      world.deploy('web', 2, 900);
      world.scales.set('web', { statusReplicas: 1 }, { isSeen: false });
      world.api.put();
      await world.start();
      await world.clock.advance(50);
      expect(world.scales.updates.map(({ replicas }) => replicas)).to.deep.equal([4, 4]);
      expect(world.scales.replicas('web')).to.equal(4);
      expect(world.events.texts).to.have.length(1);
    });

    it('and decides again when the replicas changed', async () => {
      world = new ControllerWorld();
      world.deploy('web', 2, 900);
      world.scales.set('web', { specReplicas: 7 }, { isSeen: false });
      world.api.put();
      await world.start();
      expect(world.scales.replicas('web')).to.equal(7);
      expect(world.requests).to.deep.equal([]);
      world.scales.set('web', {});
      await world.clock.advance(200);
      // Seven replicas are wanted for two ready pods at 90 %: four are enough, and the highest recent recommendation was seven.
      expect(world.status()).to.include({ currentReplicas: 7 });
      expect(world.scales.replicas('web')).to.equal(7);
    });

    it('and gives up after five conflicts in a row', async () => {
      world = new ControllerWorld();
      world.deploy('web', 2, 900);
      world.scales.beforeUpdate = () => world.scales.set('web', { statusReplicas: 2 }, { isSeen: false });
      world.api.put();
      await world.start();
      await world.clock.advance(100);
      expect(world.scales.updates).to.have.length(5);
      expect(world.condition('AbleToScale')).to.match(/^False FailedUpdateScale .*the object has been modified$/);
    });

    it('of an autoscaler: a status for another spec is dropped, and the new spec decided on', async () => {
      world = new ControllerWorld();
      world.deploy('web', 2, 500);
      world.api.put();
      world.api.lags = true;
      world.api.put({ spec: { maxReplicas: 1 } });
      await world.start();
      expect(world.status()).not.to.have.property('conditions');
      world.api.catchUp();
      await world.clock.advance(0);
      expect(world.scales.replicas('web')).to.equal(1);
      expect(world.events.texts).to.have.length(1);
    });

    it('of an autoscaler: a status is written over changed labels', async () => {
      world = new ControllerWorld();
      world.deploy('web', 2, 500);
      world.api.put();
      world.api.lags = true;
      world.api.put();
      await world.start();
      expect(world.condition('AbleToScale')).to.match(/^True/);
    });
  });

  it('goes on from its own status while the watch lags behind', async () => {
    await startWeb(500);
    world.api.lags = true;
    await world.clock.advance(1_000);
    await world.sample('web', 900);
    await world.clock.advance(syncPeriodMs);
    expect(world.events.texts.filter((text) => text.includes('FailedUpdateStatus'))).to.deep.equal([]);
    expect(world.requests.filter((request) => request.startsWith('GET'))).to.deep.equal([]);
  });

  describe('refuses an HPA and an HRA on one target', () => {
    const message =
      'HeadroomAutoscaler shop/mine and HorizontalPodAutoscaler shop/web have the same scale target, Deployment shop/web: none of them scales it until only one is left';

    beforeEach(async () => {
      world = new ControllerWorld();
      world.deploy('web', 2, 900);
      world.api.put();
      world.api.put({ kind: 'HeadroomAutoscaler', name: 'mine' });
      await world.start();
    });

    it('with both names', () => {
      expect(world.scales.updates).to.deep.equal([]);
      expect(world.condition('ScalingActive')).to.equal(`False AmbiguousTarget ${message}`);
      expect(world.condition('ScalingActive', 'mine', 'HeadroomAutoscaler')).to.equal(
        `False AmbiguousTarget ${message}`,
      );
    });

    it('until one of them is deleted', async () => {
      world.api.delete('HorizontalPodAutoscaler', 'shop', 'web');
      await world.clock.advance(0);
      expect(world.scales.replicas('web')).to.equal(4);
    });

    it('or retargeted', async () => {
      world.deploy('other', 2, 500);
      world.api.put({ target: 'other', status: world.status() });
      await world.clock.advance(0);
      expect(world.scales.replicas('web')).to.equal(4);
      expect(world.condition('ScalingActive')).to.match(/^True/);
    });
  });

  it('stops two HPAs that select the same pods, naming both in order', async () => {
    world = new ControllerWorld();
    world.deploy('web', 2, 500);
    world.deploy('web2', 2, 500);
    world.scales.set('web2', { selector: 'app in (web,web2)' });
    world.api.put();
    world.api.put({ name: 'also', target: 'web2' });
    await world.start();
    await world.period();
    const names = 'are controlled by multiple HPAs: [shop/also shop/web]';
    expect(world.condition('ScalingActive')).to.equal(`False AmbiguousSelector pods by selector app=web ${names}`);
    expect(world.condition('ScalingActive', 'also')).to.equal(
      `False AmbiguousSelector pods by selector app in (web,web2) ${names}`,
    );
  });

  it('leaves autoscalers that stop each other alone until their period is over, however often their pods are sampled', async () => {
    world = new ControllerWorld();
    world.deploy('web', 2, 500);
    for (const name of ['a', 'b', 'c']) world.api.put({ name, target: 'web' });
    await world.start();
    await world.period(2);
    let looks = 0;
    const read = world.scales.getScale.bind(world.scales);
    world.scales.getScale = (reference, namespace) => {
      looks += 1;
      return read(reference, namespace);
    };
    for (let second = 0; second < 15; second++) {
      await world.sample('web', 900);
      await world.clock.advance(1_000);
    }
    expect(looks).to.equal(3);
  });

  describe('a follower', () => {
    const becomeLeader = async (): Promise<void> => {
      world.isLeader = true;
      await world.period();
    };

    it('writes nothing', async () => {
      world = new ControllerWorld();
      world.isLeader = false;
      world.deploy('web', 2, 900);
      world.api.put();
      await world.start();
      await world.sample('web', 950);
      await world.period(3);
      expect(world.requests).to.deep.equal([]);
      expect(world.scales.updates).to.deep.equal([]);
      expect(world.events.texts).to.deep.equal([]);
      await becomeLeader();
      expect(world.scales.replicas('web')).to.equal(4);
    });

    it('looks at once when it begins to lead', async () => {
      world = new ControllerWorld();
      world.isLeader = false;
      world.deploy('web', 2, 900);
      world.api.put();
      await world.start();
      world.isLeader = true;
      world.controller.startedLeading();
      await world.clock.advance(0);
      expect(world.scales.replicas('web')).to.equal(4);
    });

    it('may be told that it leads before it has started', async () => {
      world = new ControllerWorld();
      world.controller.startedLeading();
      await startWeb(500);
      expect(world.status()).to.include({ currentReplicas: 2 });
    });

    it('writes nothing when it stops to lead while it reads', async () => {
      world = new ControllerWorld();
      world.deploy('web', 2, 900);
      world.api.put();
      const getScale = world.scales.getScale.bind(world.scales);
      world.scales.getScale = async (reference, namespace) => {
        world.isLeader = false;
        return getScale(reference, namespace);
      };
      await world.start();
      expect(world.scales.updates).to.deep.equal([]);
      expect(world.requests).to.deep.equal([]);
    });

    it('does not call a problem solved because it no longer looks for it', async () => {
      world = new ControllerWorld();
      world.api.put();
      await world.start();
      world.isLeader = false;
      await world.period(2);
      const told = world.logger.lines.map(({ message }) => message);
      expect(told).to.include('autoscaler has a problem').and.not.include('autoscaler works again');
    });

    it('remembers what it would have recommended, and holds to it when it leads', async () => {
      world = new ControllerWorld();
      world.isLeader = false;
      world.deploy('web', 2, 900);
      world.api.put();
      await world.start();
      await world.period(2);
      // The leader scaled to 4; then usage fell.
      world.deploy('web', 4, 50);
      await becomeLeader();
      expect(world.scales.replicas('web')).to.equal(4);
      expect(world.condition('AbleToScale')).to.match(/^True ScaleDownStabilized/);
    });

    const policies = [{ type: 'Pods', value: 2, periodSeconds: 600 }];
    const spec = { behavior: { scaleUp: { policies } } };

    for (const leadsMeanwhile of [false, true]) {
      it(`learns it also while it looks at the autoscaler${leadsMeanwhile ? ', and begins to lead' : ''}`, async () => {
        world = new ControllerWorld();
        world.isLeader = false;
        world.deploy('web', 2, 500);
        world.api.put({ spec });
        const getScale = world.scales.getScale.bind(world.scales);
        world.scales.getScale = async (reference, namespace) => {
          const scale = await getScale(reference, namespace);
          await world.clock.sleep(500);
          return scale;
        };
        await world.start();
        await world.clock.advance(200);
        const lastScaleTime = new Date(world.clock.now()).toISOString();
        const conditions = [{ type: 'AbleToScale', status: 'True', reason: 'SucceededRescale' }];
        world.api.put({ spec, status: { currentReplicas: 2, desiredReplicas: 4, lastScaleTime, conditions } });
        if (leadsMeanwhile) world.isLeader = true;
        await world.clock.advance(1_000);
        world.deploy('web', 4, 1000);
        await world.period(2);
        await becomeLeader();
        expect(world.scales.replicas('web')).to.equal(4);
        expect(world.condition('ScalingLimited')).to.match(/^True ScaleUpLimit/);
      });
    }

    describe('learns from the status what the leader did, and keeps to the policies when it leads', () => {
      const check = (title: string, when: 'before the start' | 'while it follows' | 'when it leads'): void => {
        it(title, async () => {
          world = new ControllerWorld();
          world.isLeader = false;
          const scale = (): void => {
            const lastScaleTime = new Date(world.clock.now()).toISOString();
            const conditions = [{ type: 'AbleToScale', status: 'True', reason: 'SucceededRescale' }];
            world.api.put({ spec, status: { currentReplicas: 2, desiredReplicas: 4, lastScaleTime, conditions } });
            world.deploy('web', 4, 1000);
          };
          if (when === 'before the start') scale();
          else {
            world.deploy('web', 2, 500);
            world.api.put({ spec });
          }
          await world.start();
          if (when === 'while it follows') scale();
          await world.period();
          world.isLeader = true;
          if (when === 'when it leads') scale();
          await world.period();
          expect(world.scales.replicas('web')).to.equal(4);
          expect(world.condition('ScalingLimited')).to.match(/^True ScaleUpLimit/);
        });
      };
      check('while it follows', 'while it follows');
      check('before it started', 'before the start');
      check('and whose status comes late, when it leads already', 'when it leads');
    });
  });

  describe('leaves native HPAs alone', () => {
    it('with --native-hpas=never, and scales HRAs', async () => {
      world = new ControllerWorld({ nativeHpas: 'never' });
      world.deploy('web', 2, 900);
      world.deploy('api', 2, 900);
      world.api.put();
      world.api.put({ kind: 'HeadroomAutoscaler', name: 'api', target: 'api' });
      await world.start();
      await world.period();
      expect([world.scales.replicas('web'), world.scales.replicas('api')]).to.deep.equal([2, 4]);
      expect(world.status()).not.to.have.property('conditions');
    });

    it('but refuses an HRA on the target of one', async () => {
      world = new ControllerWorld({ nativeHpas: 'never' });
      world.deploy('web', 2, 900);
      world.api.put();
      world.api.put({ kind: 'HeadroomAutoscaler', name: 'mine' });
      await world.start();
      expect(world.scales.replicas('web')).to.equal(2);
      expect(world.condition('ScalingActive', 'mine', 'HeadroomAutoscaler')).to.match(/^False AmbiguousTarget/);
    });

    it('also as rivals for pods, once the canary says that somebody else is there', async () => {
      const spec = { minReplicas: 1, maxReplicas: 1 };
      const canary = { namespace: 'headroom-system', name: 'headroom-canary', uid: 'canary', spec };
      world = new ControllerWorld({ nativeHpas: 'auto' });
      world.deploy('web', 2, 500);
      world.deploy('web2', 2, 500);
      world.scales.set('web2', { selector: 'app in (web,web2)' });
      world.api.put(canary);
      world.api.put();
      world.api.put({ kind: 'HeadroomAutoscaler', name: 'mine', target: 'web2' });
      await world.start();
      await world.period(5);
      expect(world.condition('ScalingActive', 'mine', 'HeadroomAutoscaler')).to.match(
        /^False AmbiguousSelector .*\[HeadroomAutoscaler:shop\/mine shop\/web\]$/,
      );
      world.api.put({ ...canary, status: { conditions: [{ type: 'AbleToScale', status: 'False' }] } });
      await world.period(2);
      expect(world.condition('ScalingActive', 'mine', 'HeadroomAutoscaler')).to.match(/^True/);
    });

    it('with --native-hpas=auto until the canary says that nobody else is there', async () => {
      world = new ControllerWorld({ nativeHpas: 'auto' });
      world.deploy('web', 2, 900);
      world.api.put();
      await world.start();
      await world.clock.advance(2.5 * syncPeriodMs);
      expect(world.scales.replicas('web')).to.equal(2);
      await world.clock.advance(2 * syncPeriodMs);
      expect(world.scales.replicas('web')).to.equal(4);
      expect(world.status('headroom-canary', 'HorizontalPodAutoscaler', 'headroom-system')).not.to.have.property(
        'conditions',
      );
    });
  });

  it('learns from the status what somebody else did last to an HPA that becomes ours', async () => {
    world = new ControllerWorld({ nativeHpas: 'auto' });
    const behavior = { scaleUp: { policies: [{ type: 'Pods', value: 2, periodSeconds: 1800 }] } };
    const canary = { namespace: 'headroom-system', name: 'headroom-canary' };
    const owns = async (): Promise<boolean> =>
      /^headroom_controller_owns_native_hpas 1$/m.test(await world.registry.metrics());
    world.deploy('web', 4, 900);
    world.api.put({ spec: { behavior } });
    await world.start();
    await world.period();
    const uid = String(world.api.get('HorizontalPodAutoscaler', canary.namespace, canary.name)?.metadata.uid);
    const conditions = [{ type: 'AbleToScale', status: 'True', reason: 'SucceededRescale' }];
    world.api.put({ ...canary, uid, status: { conditions } });
    await world.period();
    expect(await owns()).to.equal(false);
    const lastScaleTime = new Date(world.clock.now()).toISOString();
    world.api.put({
      spec: { behavior },
      status: { currentReplicas: 2, desiredReplicas: 4, lastScaleTime, conditions },
    });
    for (let period = 0; period < 60 && !(await owns()); period++) await world.period();
    expect(await owns()).to.equal(true);
    await world.period(2);
    expect(world.scales.replicas('web')).to.equal(4);
    expect(world.condition('ScalingLimited')).to.match(/^True ScaleUpLimit/);
  });

  it("keeps nothing of a look that was under way while HPAs became somebody else's", async () => {
    world = new ControllerWorld({ nativeHpas: 'auto' });
    world.deploy('web', 2, 500);
    world.api.put();
    const written = Promise.withResolvers<void>();
    world.scales.beforeUpdate = () => written.promise;
    await world.start();
    await world.period(6);
    // Told by no sample, so that it is the sync of a period that scales.
    world.use('web', 900);
    while (world.scales.updates.length === 0) await world.clock.advance(1_000);
    const canary = { namespace: 'headroom-system', name: 'headroom-canary' };
    const uid = String(world.api.get('HorizontalPodAutoscaler', canary.namespace, canary.name)?.metadata.uid);
    world.api.put({ ...canary, uid, status: { conditions: [{ type: 'AbleToScale', status: 'False' }] } });
    await world.clock.advance(1_000);
    written.resolve();
    await world.period(3);
    const lines = (await world.registry.metrics()).split('\n');
    expect(lines).to.include('headroom_controller_owns_native_hpas 0');
    expect(lines).to.include('headroom_controller_sync_overdue_seconds 0');
  });

  it("counts what it does, under upstream's names", async () => {
    await startWeb(900);
    const text = await world.registry.metrics();
    const upstream = 'horizontal_pod_autoscaler_controller';
    for (const line of [
      `${upstream}_reconciliations_total{action="scale_up",error="none"} 1`,
      `${upstream}_reconciliations_total{action="scale_down",error="none"} 0`,
      `${upstream}_metric_computation_total{action="scale_up",error="none",metric_type="Resource"} 1`,
      `${upstream}_num_horizontal_pod_autoscalers 1`,
      `${upstream}_desired_replicas{namespace="shop",hpa_name="web"} 4`,
      `${upstream}_reconciliation_duration_seconds_bucket{le="16.384",action="scale_up",error="none"} 1`,
      'headroom_controller_headroom_autoscalers 0',
      'headroom_controller_owns_native_hpas 1',
      'headroom_controller_looks_total{trigger="sync",outcome="commit"} 1',
    ]) {
      expect(text.split('\n')).to.include(line);
    }
    world.api.delete('HorizontalPodAutoscaler', 'shop', 'web');
    expect(await world.registry.metrics()).not.to.contain('hpa_name="web"');
  });

  it('tells how late whole syncs begin, and that none is due', async () => {
    await startWeb(500);
    await world.period(2);
    const lines = (await world.registry.metrics()).split('\n');
    expect(lines).to.include('headroom_controller_sync_lateness_seconds_bucket{le="0.01"} 3');
    expect(lines).to.include('headroom_controller_sync_lateness_seconds_count 3');
    expect(lines).to.include('headroom_controller_sync_overdue_seconds 0');
  });

  describe('when it stops', () => {
    let finish: () => void;
    let signal: AbortSignal | undefined;

    /** Starts with a status write that does not end by itself, and stops. */
    const stopDuringWrite = async (): Promise<{ readonly stopped: Promise<void> }> => {
      world = new ControllerWorld();
      world.deploy('web', 2, 900);
      world.api.put();
      const ended = new Promise<undefined>((resolve) => {
        finish = () => resolve(undefined);
      });
      world.api.intercept = (request) => {
        signal = request.signal;
        return ended;
      };
      await world.start();
      return { stopped: world.controller.stop() };
    };

    it('lets a look that is under way end', async () => {
      const { stopped } = await stopDuringWrite();
      const first = Promise.race([stopped.then(() => 'stopped'), world.clock.sleep(4_000).then(() => 'still running')]);
      await world.clock.advance(4_000);
      expect([await first, signal?.aborted]).to.deep.equal(['still running', false]);
      finish();
      await stopped;
      expect(world.status()).to.include({ desiredReplicas: 4 });
    });

    it('gives it five seconds', async () => {
      const { stopped } = await stopDuringWrite();
      await world.clock.advance(5_000);
      expect(signal?.aborted).to.equal(true);
      finish();
      await stopped;
    });
  });

  it('may be stopped before it was started', async () => {
    world = new ControllerWorld();
    await world.controller.stop();
    await world.controller.start();
    expect(world.requests).to.deep.equal([]);
  });
});
