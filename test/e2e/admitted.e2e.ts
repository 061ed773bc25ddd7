// E2e: the specs that properties are tried with are such as a real API server admits.
import { KubeConfig } from '@kubernetes/client-node';
import { expect } from 'chai';
import * as fc from 'fast-check';
import { parseAutoscaler } from '../../src/crd/parse.ts';
import type { ScalingRules } from '../../src/crd/types.ts';
import { type ClosableApiClient, createApiClient } from '../../src/kube/client.ts';
import { systemClock } from '../../src/lib/clock.ts';
import { silentLogger } from '../../src/lib/logger.ts';
import { type ControlPlane, startControlPlane } from '../cluster/control-plane.ts';
import { admittedSpecs } from '../support/admitted-autoscalers.ts';

const path = '/apis/autoscaling/v2/namespaces/default/horizontalpodautoscalers';
const numRuns = 300;

describe('admitted specs', () => {
  let cluster: ControlPlane;
  let api: ClosableApiClient;

  before(async function () {
    this.timeout(900_000);
    const extraFlags = { 'kube-apiserver': ['--feature-gates=HPAScaleToZero=true'] };
    cluster = await startControlPlane({ controllers: '', extraFlags });
    const kubeConfig = new KubeConfig();
    kubeConfig.loadFromFile(cluster.kubeconfigPath);
    const options = {
      kubeConfig,
      clock: systemClock,
      logger: silentLogger,
      userAgent: 'admitted-e2e',
      qps: -1,
      burst: 1,
    };
    api = createApiClient(options);
  });

  after(async () => {
    await api.close();
    await cluster.stop();
  });

  it(`are admitted, all of ${numRuns}, and come back as we read them ourselves`, async () => {
    const property = fc.asyncProperty(admittedSpecs, async (spec) => {
      const manifest = { metadata: { namespace: 'default', name: 'web' }, spec };
      const answer = await api.request<object>({ method: 'POST', path, query: { dryRun: 'All' }, body: manifest });
      expect(read(answer)).to.deep.equal(read(manifest));
    });
    await fc.assert(property, { numRuns });
  });
});

/**
 * Without tolerances: they are floats of a text, which the API server may write in another form. And without the family of suffixes, which it changes for
 * amounts beyond what it can hold: 16Ei comes back as 9223372036854775807.
 */
function read(object: object): object {
  const { spec } = parseAutoscaler(object, 'HorizontalPodAutoscaler');
  const without = (rules: ScalingRules | undefined): ScalingRules | undefined =>
    rules && { ...rules, tolerance: undefined };
  const { behavior } = spec;
  return {
    ...spec,
    metrics: spec.metrics.map((metric) =>
      'target' in metric ? { ...metric, target: { ...metric.target, isBinary: undefined } } : metric,
    ),
    behavior: behavior && { scaleUp: without(behavior.scaleUp), scaleDown: without(behavior.scaleDown) },
  };
}
