// The whole controller, with an external metric that falls to zero and comes back.
import { expect } from 'chai';
import type { AutoscalerKind } from '../../src/crd/types.ts';
import { ControllerWorld } from '../support/controller-fakes.ts';
import { settings } from '../support/observation-builders.ts';

const metrics = [
  { type: 'External', external: { metric: { name: 'queue' }, target: { type: 'AverageValue', averageValue: '10' } } },
];
/** Replicas follow the metric at once. */
const behavior = { scaleDown: { stabilizationWindowSeconds: 0 } };

interface Course {
  readonly replicas: readonly (number | undefined)[];
  /** The condition ScaledToZero, or what it says that it is not there. */
  readonly scaledToZero: string;
}

/** Replicas after a queue of 20, of 0, and of 30. */
async function follow(kind: AutoscalerKind, minReplicas: number, gate: boolean): Promise<Course> {
  const world = new ControllerWorld({ decide: settings({ gates: { HPAScaleToZero: gate } }) });
  let queue = 20;
  world.api.intercept = ({ path }) =>
    path.startsWith('/apis/external.metrics.k8s.io/')
      ? { items: [{ metricName: 'queue', value: String(queue), timestamp: '2026-11-21T12:00:00Z' }] }
      : undefined;
  world.deploy('web', 2, 500);
  world.api.put({ kind, spec: { minReplicas, metrics, behavior } });
  await world.start();
  const replicas = [];
  let scaledToZero = '';
  for (const next of [20, 0, 30]) {
    queue = next;
    await world.period(2);
    replicas.push(world.scales.replicas('web'));
    if (next === 0) scaledToZero = world.condition('ScaledToZero', 'web', kind) ?? 'absent';
  }
  await world.controller.stop();
  return { replicas, scaledToZero };
}

describe('minReplicas 0', () => {
  const check = (
    title: string,
    kind: AutoscalerKind,
    parts: { min: number; gate: boolean },
    expected: Course,
  ): void => {
    it(title, async () => {
      expect(await follow(kind, parts.min, parts.gate)).to.deep.equal(expected);
    });
  };
  const scaledToZero = 'True ScaledToZero the HPA controller scaled the workload to zero';
  const toZeroAndBack = { replicas: [2, 0, 3], scaledToZero };
  check('of an HPA: to zero and back with the gate', 'HorizontalPodAutoscaler', { min: 0, gate: true }, toZeroAndBack);
  check(
    'of an HPA that was stored with the gate: to zero without it, and never back',
    'HorizontalPodAutoscaler',
    { min: 0, gate: false },
    {
      replicas: [2, 0, 0],
      scaledToZero: 'absent',
    },
  );
  check('of an HRA: to zero and back without any gate', 'HeadroomAutoscaler', { min: 0, gate: false }, toZeroAndBack);
  check(
    'none: an HRA says nothing of zero',
    'HeadroomAutoscaler',
    { min: 1, gate: false },
    {
      replicas: [2, 1, 3],
      scaledToZero: 'absent',
    },
  );

  it('of an HRA, raised to 1 while it is at zero, starts the workload again', async () => {
    const world = new ControllerWorld();
    world.api.intercept = ({ path }) =>
      path.startsWith('/apis/external.metrics.k8s.io/') ? { items: [{ metricName: 'queue', value: '0' }] } : undefined;
    world.deploy('web', 2, 500);
    const kind = 'HeadroomAutoscaler';
    world.api.put({ kind, spec: { minReplicas: 0, metrics, behavior } });
    await world.start();
    await world.period();
    expect(world.scales.replicas('web')).to.equal(0);
    world.api.put({ kind, spec: { minReplicas: 1, metrics, behavior }, status: world.status('web', kind) });
    await world.period(2);
    expect(world.scales.replicas('web')).to.equal(1);
    await world.controller.stop();
  });
});
