import { expect } from 'chai';
import { isSameStatus } from '../../../src/controller/decide/same-status.ts';
import type { AutoscalerStatus, LabelSelectorSpec, MetricStatus } from '../../../src/crd/types.ts';
import { condition, status } from '../../support/observation-builders.ts';

const value = { valueMilli: 1n, averageValueMilli: undefined, averageUtilization: undefined };
const describedObject = { apiVersion: 'v1', kind: 'Service', name: 'svc' };
const metric = (selector?: LabelSelectorSpec) => ({ name: 'qps', selector });

const resource: MetricStatus = { type: 'Resource', resource: 'cpu', current: value };
const container: MetricStatus = { type: 'ContainerResource', resource: 'cpu', container: 'app', current: value };
const pods: MetricStatus = { type: 'Pods', metric: metric(), current: value };
const object: MetricStatus = { type: 'Object', metric: metric(), describedObject, current: value };
const external: MetricStatus = { type: 'External', metric: metric(), current: value };
const failed: MetricStatus = { type: 'Failed' };

const of = (...currentMetrics: readonly MetricStatus[]): AutoscalerStatus => status({ currentMetrics });
const selecting = (selector?: LabelSelectorSpec): AutoscalerStatus => of({ ...pods, metric: metric(selector) });

/** Both ways round. */
function check(title: string, a: AutoscalerStatus, b: AutoscalerStatus, expected: boolean): void {
  it(`${title}: ${expected ? 'same' : 'not the same'}`, () => {
    expect(isSameStatus(a, b)).to.equal(expected);
    expect(isSameStatus(b, a)).to.equal(expected);
  });
}
const same = (title: string, a: AutoscalerStatus, b: AutoscalerStatus): void => check(title, a, b, true);
const different = (title: string, a: AutoscalerStatus, b: AutoscalerStatus): void => check(title, a, b, false);

describe('whether a status changed (10)', () => {
  const all = [resource, container, pods, object, external, failed] as const;
  same('a copy', of(...all), structuredClone(of(...all)));
  for (const [index, one] of all.entries()) {
    const other = all[(index + 1) % all.length] ?? resource;
    different(`${one.type} and ${other.type}`, of(one), of(other));
  }

  // Fields
  different('generation', status({ observedGeneration: 1 }), status());
  different('time of the last scale', status({ lastScaleAtMs: 1 }), status({ lastScaleAtMs: 2 }));
  different('current replicas', status({ currentReplicas: 1 }), status());
  different('desired replicas', status({ desiredReplicas: 1 }), status());

  // Lists
  same('null and empty metrics', status(), of());
  different('one metric and none', of(failed), status());
  different('more metrics', of(failed), of(failed, failed));
  different('metrics in another order', of(resource, container), of(container, resource));

  // Values
  different('value', of(resource), of({ ...resource, current: { ...value, valueMilli: 2n } }));
  different('unset and zero value', of(resource), of({ ...resource, current: { ...value, averageValueMilli: 0n } }));
  different('utilization', of(resource), of({ ...resource, current: { ...value, averageUtilization: 0 } }));

  // Sources
  different('resource', of(resource), of({ ...resource, resource: 'memory' }));
  different('resource of a container', of(container), of({ ...container, resource: 'memory' }));
  different('container', of(container), of({ ...container, container: 'b' }));
  different('name', of(external), of({ ...external, metric: { name: 'b', selector: undefined } }));
  for (const part of ['apiVersion', 'kind', 'name'] as const) {
    different(
      `${part} of the object`,
      of(object),
      of({ ...object, describedObject: { ...describedObject, [part]: 'b' } }),
    );
  }
  different('metric of the object', of(object), of({ ...object, metric: { name: 'b', selector: undefined } }));

  // Selectors
  const complete = { matchLabels: { a: '1', b: '2' }, matchExpressions: [{ key: 'k', operator: 'In', values: ['x'] }] };
  same('equal selectors', selecting(complete), selecting(structuredClone(complete)));
  same(
    'labels in another order',
    selecting({ matchLabels: { a: '1', b: '2' } }),
    selecting({ matchLabels: { b: '2', a: '1' } }),
  );
  different('no selector and an empty one', selecting(), selecting({}));
  same(
    'an empty selector and one with empty parts',
    selecting({}),
    selecting({ matchLabels: {}, matchExpressions: [] }),
  );
  const key = { key: 'k', operator: 'Exists' };
  same(
    'no values and none',
    selecting({ matchExpressions: [key] }),
    selecting({ matchExpressions: [{ ...key, values: [] }] }),
  );
  different(
    'values',
    selecting({ matchExpressions: [key] }),
    selecting({ matchExpressions: [{ ...key, values: ['x'] }] }),
  );
  different(
    'operator',
    selecting({ matchExpressions: [key] }),
    selecting({ matchExpressions: [{ ...key, operator: 'In' }] }),
  );
  different('key', selecting({ matchExpressions: [key] }), selecting({ matchExpressions: [{ ...key, key: 'b' }] }));
  different('label value', selecting({ matchLabels: { a: '1' } }), selecting({ matchLabels: { a: '2' } }));
  different('label name', selecting({ matchLabels: { a: '1' } }), selecting({ matchLabels: { b: '1' } }));
  different('more labels', selecting({ matchLabels: { a: '1' } }), selecting({ matchLabels: { a: '1', b: '2' } }));

  // Conditions
  const able = condition('AbleToScale', 'True');
  for (const change of [
    { type: 'ScalingActive' },
    { status: 'False' },
    { reason: 'Other' },
    { message: 'other' },
    { lastTransitionAtMs: undefined },
  ] as const) {
    const changed = { ...able, ...change };
    different(
      `condition ${Object.keys(change).join()}`,
      status({ conditions: [able] }),
      status({ conditions: [changed] }),
    );
  }
});
