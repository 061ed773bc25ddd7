// E2e: the CRD on a real API server. The oracle is autoscaling/v2 itself: what it accepts as an HPA is accepted as an HRA, with the same
// defaults; what it refuses is refused.

import { KubeConfig } from '@kubernetes/client-node';
import { assert, expect } from 'chai';
import { isSameStatus } from '../../src/controller/decide/same-status.ts';
import { parseAutoscaler } from '../../src/crd/parse.ts';
import { printColumns } from '../../src/crd/print-columns.ts';
import { renderHeadroomStatus, renderStatus } from '../../src/crd/render.ts';
import { autoscalerPath } from '../../src/crd/resources.ts';
import type { Autoscaler, AutoscalerKind, AutoscalerStatus } from '../../src/crd/types.ts';
import { ApiStatusError } from '../../src/kube/api-status-error.ts';
import { type ClosableApiClient, createApiClient } from '../../src/kube/client.ts';
import { systemClock } from '../../src/lib/clock.ts';
import { silentLogger } from '../../src/lib/logger.ts';
import { type ControlPlane, startControlPlane } from '../cluster/control-plane.ts';
import { autoscaler, autoscalerJson, cpuUtilization } from '../support/autoscaler-builders.ts';
import { until } from '../support/until.ts';

type Json = Readonly<Record<string, unknown>>;

const crdFile = new URL('../../config/crd/autoscaling.headroom.dev_headroomautoscalers.yaml', import.meta.url).pathname;
const kinds: readonly AutoscalerKind[] = ['HorizontalPodAutoscaler', 'HeadroomAutoscaler'];

let cluster: ControlPlane;
let api: ClosableApiClient;

/** What the API server makes of a manifest with this spec: the object with defaults, or its refusal. Nothing is stored. */
async function submit(kind: AutoscalerKind, spec: Json): Promise<Json | ApiStatusError> {
  const { status: _, ...manifest } = autoscalerJson({ kind, namespace: 'default' });
  const body = { ...manifest, metadata: { namespace: 'default', name: 'web' }, spec };
  const path = autoscalerPath({ kind, namespace: 'default', name: '' }).slice(0, -1);
  try {
    return await api.request<Json>({ method: 'POST', path, query: { dryRun: 'All' }, body });
  } catch (error) {
    if (error instanceof ApiStatusError) return error;
    throw error;
  }
}

/** The spec of shop/web with some fields replaced; null removes one. */
function specWith(changes: Json): Json {
  const merged = { ...(autoscalerJson()['spec'] as Json), ...changes };
  return Object.fromEntries(Object.entries(merged).filter(([, value]) => value !== undefined));
}

const resource = (target: Json, name = 'cpu'): Json => ({
  metrics: [{ type: 'Resource', resource: { name, target } }],
});
const container = (source: Json): Json => ({
  metrics: [
    {
      type: 'ContainerResource',
      containerResource: {
        name: 'cpu',
        container: 'app',
        target: { type: 'Utilization', averageUtilization: 5 },
        ...source,
      },
    },
  ],
});
const named = (type: string, source: Json): Json => ({
  metrics: [{ type, [type.toLowerCase()]: { metric: { name: 'm' }, ...source } }],
});
const service = { kind: 'Service', name: 's' };
const value = { type: 'Value', value: '1' };
const average = { type: 'AverageValue', averageValue: '1' };
const up = (rules: Json): Json => ({ behavior: { scaleUp: rules } });
const policy = (changes: Json): Json => up({ policies: [{ type: 'Pods', value: 1, periodSeconds: 1, ...changes }] });
const target = (changes: Json): Json => ({
  scaleTargetRef: { apiVersion: 'apps/v1', kind: 'Deployment', name: 'web', ...changes },
});

describe('the CRD of HeadroomAutoscaler', () => {
  before(async function () {
    this.timeout(900_000);
    cluster = await startControlPlane({ controllers: '' });
    const kubeConfig = new KubeConfig();
    kubeConfig.loadFromFile(cluster.kubeconfigPath);
    api = createApiClient({
      kubeConfig,
      clock: systemClock,
      logger: silentLogger,
      userAgent: 'crd-e2e',
      qps: -1,
      burst: 1,
    });
    const applied = await cluster.kubectl(['apply', '-f', crdFile]);
    expect(applied.stderr).to.equal('');
    const crd = 'crd/headroomautoscalers.autoscaling.headroom.dev';
    // kubectl cannot wait for a condition while there are none at all.
    await until(async () => (await cluster.kubectl(['wait', '--for=condition=Established', crd])).code === 0, 30_000);
  });

  after(async () => {
    await api.close();
    await cluster.stop();
  });

  describe('accepts what autoscaling/v2 accepts, with the same defaults', () => {
    const check = (title: string, changes: Json): void => {
      it(title, async () => {
        const specs = [];
        for (const kind of kinds) {
          const answer = await submit(kind, specWith(changes));
          if (answer instanceof ApiStatusError) assert.fail(`${kind}: ${answer.message}`);
          specs.push({ raw: answer['spec'] as Json, read: parseAutoscaler(answer, kind).spec });
        }
        const [hpa, hra] = specs;
        expect(hra?.read).to.deep.equal(hpa?.read);
        if (changes['metrics'] === undefined)
          expect(withoutTolerance(hra?.raw)).to.deep.equal(withoutTolerance(hpa?.raw));
      });
    };
    check('a complete spec', {});
    check('no minReplicas', { minReplicas: undefined });
    check('null for minReplicas', { minReplicas: null });
    check('minReplicas equal to maxReplicas', { minReplicas: 10 });
    check('no metrics', { metrics: undefined });
    check('null for metrics', { metrics: null });
    check('an empty list of metrics', { metrics: [] });
    check('an empty behavior', { behavior: {} });
    check('null for behavior', { behavior: null });
    check('null for a direction', { behavior: { scaleUp: null } });
    check('an empty direction', { behavior: { scaleDown: {} } });
    check('a direction with one field', up({ selectPolicy: 'Disabled' }));
    check('null policies', up({ policies: null }));
    check('windows of none and of an hour', {
      behavior: { scaleUp: { stabilizationWindowSeconds: 0 }, scaleDown: { stabilizationWindowSeconds: 3600 } },
    });
    check('the longest period', policy({ periodSeconds: 1800 }));
    for (const tolerance of [0.05, 0, 1, '50m', '0', '0.2', '1e-2', '+0.1', '.5', '5.', '1Ki']) {
      check(`a tolerance of ${JSON.stringify(tolerance)}`, { behavior: { scaleDown: { tolerance } } });
    }
    check('a target in a group of its own', target({ apiVersion: 'example.com/v1', kind: 'Crew' }));
    check('a replication controller', target({ apiVersion: 'v1', kind: 'ReplicationController' }));
    check('a replication controller without version', target({ apiVersion: undefined, kind: 'ReplicationController' }));
    for (const amount of ['100m', '1Gi', 0.5, 3, '1E3', '1e3', '0.000000001', '1n']) {
      check(`an average value of ${JSON.stringify(amount)}`, resource({ type: 'AverageValue', averageValue: amount }));
    }
    check('a target type that does not fit', resource({ type: 'Value', averageUtilization: 5 }));
    check('a value beside a utilization', resource({ type: 'Utilization', averageUtilization: 5, value: '1' }));
    check('a utilization over 100', resource({ type: 'Utilization', averageUtilization: 400 }));
    check('any resource of pods', resource({ type: 'AverageValue', averageValue: '1' }, 'anything'));
    for (const name of ['memory', 'ephemeral-storage', 'hugepages-2Mi', 'example.com/gpu']) {
      check(`resource ${name} of a container`, container({ name }));
    }
    check('a metric of pods', named('Pods', { target: average }));
    check('a metric of pods with a selector that cannot work', {
      metrics: [
        {
          type: 'Pods',
          pods: {
            metric: { name: 'm', selector: { matchExpressions: [{ key: 'k', operator: 'Maybe' }] } },
            target: average,
          },
        },
      ],
    });
    check('a metric of an object of the core group', named('Object', { describedObject: service, target: value }));
    check('value and average of an object', {
      ...named('Object', { describedObject: service, target: { ...value, averageValue: '2' } }),
    });
    check('an external value', named('External', { target: value }));
    check('an external average', named('External', { target: average }));
  });

  it('prints targets as kubectl get hpa prints them', async () => {
    const amounts = ['1G', '1000M', '1500M', '1073741824', '1Gi', '1024Mi', '0.5Gi', '1500Ki', '100m', '0.1'];
    const path = autoscalerPath({ kind: 'HorizontalPodAutoscaler', namespace: 'default', name: '' }).slice(0, -1);
    const read = amounts.map((averageValue, index) => {
      const spec = specWith(resource({ type: 'AverageValue', averageValue }, 'memory'));
      return { name: `amount-${index}`, spec };
    });
    for (const { name, spec } of read) {
      const manifest = { apiVersion: 'autoscaling/v2', kind: 'HorizontalPodAutoscaler', metadata: { name }, spec };
      await api.request({ method: 'POST', path, body: manifest });
    }
    const printed = await cluster.kubectl(['get', 'hpa', '--no-headers', '--sort-by=.metadata.name']);
    const targets = printed.stdout.match(/memory: \S+/g);
    const ours = read.map(({ name, spec }) => {
      const { spec: parsed, status } = autoscaler({ kind: 'HeadroomAutoscaler', name, spec });
      return printColumns(parsed, status).targets;
    });
    expect(targets).to.deep.equal(ours);
  });

  describe('accepts minReplicas 0, which autoscaling/v2 does with the gate HPAScaleToZero only', () => {
    const check = (title: string, metrics: readonly Json[], refusal: string | undefined): void => {
      it(title, async () => {
        const answer = await submit('HeadroomAutoscaler', specWith({ minReplicas: 0, metrics }));
        if (refusal === undefined) expect((answer as { spec: Json }).spec['minReplicas']).to.equal(0);
        else expect((answer as ApiStatusError).message).to.contain(refusal);
      });
    };
    const external = { type: 'External', external: { metric: { name: 'queue' }, target: average } };
    const object = { type: 'Object', object: { metric: { name: 'hits' }, describedObject: service, target: value } };
    const pods = { type: 'Pods', pods: { metric: { name: 'rps' }, target: average } };
    const refusal =
      'spec.metrics: Invalid value: must specify at least one Object or External metric to support scaling to zero replicas';
    check('with an External metric', [external], undefined);
    check('with an Object metric beside others', [pods, object], undefined);
    check('but not with metrics of pods only', [pods], refusal);
  });

  describe('refuses what autoscaling/v2 refuses', () => {
    const check = (title: string, changes: Json): void => {
      it(title, async () => {
        for (const kind of kinds) {
          const answer = await submit(kind, specWith(changes));
          assert.instanceOf(answer, ApiStatusError, `${kind} was accepted`);
          expect(answer.httpStatus, `${kind}: ${answer.message}`).to.be.oneOf([400, 422]);
        }
      });
    };
    check('no maxReplicas', { maxReplicas: undefined });
    check('maxReplicas 0', { maxReplicas: 0 });
    check('maxReplicas below minReplicas', { minReplicas: 11 });
    check('maxReplicas below the default minReplicas', { minReplicas: undefined, maxReplicas: -1 });
    check('minReplicas 0', { minReplicas: 0 });
    check('minReplicas below 0', { minReplicas: -1 });
    check('maxReplicas beyond 32 bits', { maxReplicas: 2 ** 31 });
    check('maxReplicas as text', { maxReplicas: '3' });

    check('no target', { scaleTargetRef: undefined });
    check('no kind', target({ kind: undefined }));
    check('an empty name', target({ name: '' }));
    for (const name of ['.', '..', 'a/b', 'a%b']) check(`a target named ${name}`, target({ name }));
    for (const apiVersion of [undefined, '', 'v1', 'a/b/c', '/', '/v1']) {
      check(`a Deployment of apiVersion ${apiVersion ?? 'none'}`, target({ apiVersion }));
    }
    check(
      'a replication controller of apiVersion a/b/c',
      target({ apiVersion: 'a/b/c', kind: 'ReplicationController' }),
    );

    check('a metric without type', { metrics: [{ resource: { name: 'cpu', target: { type: 'Utilization' } } }] });
    check('a metric of an unknown type', { metrics: [{ type: 'Tarot' }] });
    check('a metric without its source', { metrics: [{ type: 'Resource' }] });
    check('a metric with the source of another type', { metrics: [{ ...cpuUtilization(5), type: 'Pods' }] });
    check('a metric with two sources', {
      metrics: [{ ...cpuUtilization(5), pods: { metric: { name: 'm' }, target: average } }],
    });
    check('a resource without name', resource({ type: 'Utilization', averageUtilization: 5 }, ''));
    check('a target without amount', resource({ type: 'Utilization' }));
    check('a target with two amounts', resource({ type: 'Utilization', averageUtilization: 5, averageValue: '1' }));
    check('a target without type', resource({ averageUtilization: 5 }));
    check('a target of unknown type', resource({ type: 'Most', averageUtilization: 5 }));
    check('a utilization of 0', resource({ type: 'Utilization', averageUtilization: 0 }));
    for (const amount of ['0', 0, '-1', -0.5, '0.0', '0Ki', '', 'lots', '1Q', '1 Gi', true, {}, []]) {
      const shown = JSON.stringify(amount);
      check(`an average value of ${shown}`, resource({ type: 'AverageValue', averageValue: amount }));
    }
    for (const name of ['gpu', 'nvidia', '']) check(`resource ${name || 'none'} of a container`, container({ name }));
    for (const name of ['', 'Big', 'a_b', '-a', 'a'.repeat(64)]) {
      check(`a container named ${name || 'nothing'}`, container({ container: name }));
    }
    check('a metric of pods without average', named('Pods', { target: value }));
    check('a metric without name', { metrics: [{ type: 'Pods', pods: { metric: {}, target: average } }] });
    check('a metric with a slash', { metrics: [{ type: 'Pods', pods: { metric: { name: 'a/b' }, target: average } }] });
    check('an object without kind', named('Object', { describedObject: { name: 's' }, target: value }));
    check('an object without amount', named('Object', { describedObject: service, target: { type: 'Value' } }));
    check('an external metric without amount', named('External', { target: { type: 'Value' } }));
    check('an external metric with two amounts', named('External', { target: { ...value, averageValue: '1' } }));

    check('a window below 0', up({ stabilizationWindowSeconds: -1 }));
    check('a window over an hour', up({ stabilizationWindowSeconds: 3601 }));
    check('an unknown selectPolicy', up({ selectPolicy: 'Mean' }));
    check('an empty list of policies', up({ policies: [] }));
    check('a policy of unknown type', policy({ type: 'Nodes' }));
    check('a policy without value', policy({ value: undefined }));
    check('a policy of value 0', policy({ value: 0 }));
    check('a period of 0', policy({ periodSeconds: 0 }));
    check('a period over half an hour', policy({ periodSeconds: 1801 }));
    check('a tolerance below 0', up({ tolerance: '-50m' }));
    check('a tolerance below 0 as a number', up({ tolerance: -0.1 }));
    check('a tolerance that is no quantity', up({ tolerance: '5%' }));
  });

  describe('keeps a status as it was rendered', () => {
    for (const kind of kinds) {
      it(kind, async () => {
        const { status: _, ...manifest } = autoscalerJson({ kind, namespace: 'default' });
        const body = { ...manifest, metadata: { namespace: 'default', name: 'kept' } };
        const path = autoscalerPath({ kind, namespace: 'default', name: '' }).slice(0, -1);
        const created = parseAutoscaler(await api.request({ method: 'POST', path, body }), kind);
        const write = async (status: AutoscalerStatus, { resourceVersion }: Autoscaler): Promise<Autoscaler> =>
          parseAutoscaler(
            await api.request({
              method: 'PATCH',
              path: `${autoscalerPath(created)}/status`,
              contentType: 'application/merge-patch+json',
              body: { metadata: { resourceVersion }, status: renderStatus(status) },
            }),
            kind,
          );
        const full = await write(fullStatus, created);
        expect(isSameStatus(full.status, fullStatus)).to.equal(true);
        const emptied = await write(created.status, full);
        expect(isSameStatus(emptied.status, created.status)).to.equal(true);
        expect(emptied.spec).to.deep.equal(created.spec);
      });
    }
  });

  it('is listed by kubectl under its short name and category, with the columns of kubectl get hpa', async () => {
    const path = '/apis/autoscaling.headroom.dev/v1alpha1/namespaces/default/headroomautoscalers';
    const manifest = autoscalerJson({ kind: 'HeadroomAutoscaler', namespace: 'default' });
    const body = { ...manifest, metadata: { namespace: 'default', name: 'shown' } };
    const created = parseAutoscaler(await api.request({ method: 'POST', path, body }), 'HeadroomAutoscaler');

    // Printed before anybody reconciled it: what nobody has written is empty.
    const fresh = await cluster.kubectl(['get', 'hra', 'shown']);
    expect(columns(fresh.stdout).slice(0, 1)).to.deep.equal([
      ['NAME', 'REFERENCE', 'TARGETS', 'MINPODS', 'MAXPODS', 'REPLICAS', 'AGE'],
    ]);

    const status = {
      ...created.status,
      currentReplicas: 2,
      desiredReplicas: 3,
      currentMetrics: [{ type: 'Failed' as const }],
      conditions: [
        {
          type: 'AbleToScale',
          status: 'True' as const,
          reason: 'R',
          message: 'm',
          lastTransitionAtMs: 1_700_000_000_000,
        },
      ],
    };
    const printed = { reference: 'Deployment/web', targets: 'cpu: <unknown>/50%' };
    const patch = {
      metadata: { resourceVersion: created.resourceVersion },
      status: renderHeadroomStatus(status, printed),
    };
    const patched = await api.request({
      method: 'PATCH',
      path: `${autoscalerPath(created)}/status`,
      contentType: 'application/merge-patch+json',
      body: patch,
    });
    const stored = parseAutoscaler(patched, 'HeadroomAutoscaler');
    expect(isSameStatus(stored.status, status)).to.equal(true);
    expect(stored.printed).to.deep.equal(printed);

    const listed = await cluster.kubectl(['get', 'hra']);
    expect(columns(listed.stdout)[1]?.slice(0, 6)).to.deep.equal([
      'shown',
      'Deployment/web',
      'cpu: <unknown>/50%',
      '1',
      '10',
      '2',
    ]);
    const all = await cluster.kubectl(['get', 'all']);
    expect(all.stdout).to.contain('headroomautoscaler.autoscaling.headroom.dev/shown');
    const explained = await cluster.kubectl(['explain', 'hra.spec.behavior.scaleDown.stabilizationWindowSeconds']);
    expect(explained.stdout).to.contain('For how long the highest recommendation counts');
  });
});

const metric = { name: 'm', selector: { matchLabels: { a: 'b' }, matchExpressions: undefined } };
const measured = { valueMilli: undefined, averageValueMilli: 1500n, averageUtilization: undefined };
const at = { lastTransitionAtMs: 1_700_000_000_000 };

/** Every kind of entry that a status can have. */
const fullStatus: AutoscalerStatus = {
  observedGeneration: undefined,
  lastScaleAtMs: 1_700_000_000_000,
  currentReplicas: 2,
  desiredReplicas: 3,
  currentMetrics: [
    { type: 'Resource', resource: 'cpu', current: { ...measured, averageUtilization: 55 } },
    { type: 'Failed' },
    { type: 'Resource', resource: 'memory', current: { ...measured, averageValueMilli: 104_857_600_500n } },
    {
      type: 'ContainerResource',
      resource: 'memory',
      container: 'app',
      current: { ...measured, averageValueMilli: 2n ** 40n * 1000n },
    },
    { type: 'Pods', metric, current: { ...measured, averageValueMilli: -(2n ** 63n) } },
    {
      type: 'Object',
      metric,
      describedObject: { apiVersion: '', kind: 'Service', name: 's' },
      current: { ...measured, valueMilli: 0n, averageValueMilli: undefined },
    },
    { type: 'External', metric: { name: 'm', selector: undefined }, current: measured },
  ],
  conditions: [
    { type: 'AbleToScale', status: 'True', reason: 'R', message: 'm', ...at },
    { type: 'ScalingActive', status: 'False', reason: 'R', message: 'm', ...at },
  ],
};

/** The rows of kubectl's table. */
function columns(table: string): string[][] {
  return table
    .trim()
    .split('\n')
    .map((line) => line.trim().split(/\s{2,}/));
}

/** The API server writes a tolerance back in canonical form (0.05 -> 50m); a CRD keeps what was sent. */
function withoutTolerance(spec: Json | undefined): unknown {
  return JSON.parse(JSON.stringify(spec, (key, member: unknown) => (key === 'tolerance' ? undefined : member)));
}
