// The whole controller with --native-hpas=auto, while another controller comes and goes.
import { expect } from 'chai';
import { ControllerWorld } from '../support/controller-fakes.ts';

/** --horizontal-pod-autoscaler-downscale-stabilization. */
const windowMs = 300_000;

describe('native HPAs that another controller had for a while', () => {
  it('do not scale down before a window has passed, as what it recommended is not known', async () => {
    const world = new ControllerWorld({ nativeHpas: 'auto' });
    world.deploy('web', 2, 900);
    world.api.put();
    await world.start();
    await world.clock.advance(70_000);
    expect(world.scales.replicas('web'), 'ours').to.equal(4);

    // Somebody else writes a status, and leaves.
    const by = { manager: 'kube-controller-manager', subresource: 'status', time: '2026-11-21T12:00:00Z' };
    world.api.put({ status: world.status(), managedFields: [by] });
    world.use('web', 10);
    const isOurs = async (): Promise<boolean> =>
      /^headroom_controller_owns_native_hpas 1$/m.test(await world.registry.metrics());
    expect(await isOurs(), 'theirs').to.equal(false);
    let minutes = 0;
    while (!(await isOurs()) && minutes < 20) {
      minutes += 1;
      await world.clock.advance(60_000);
    }
    expect(minutes, 'ours again').to.be.below(8);

    world.use('web', 10);
    await world.clock.advance(windowMs - 75_000);
    expect(world.scales.replicas('web'), 'within the window').to.equal(4);
    await world.clock.advance(120_000);
    expect(world.scales.replicas('web'), 'after the window').to.equal(1);
    await world.controller.stop();
  });
});
