import { expect } from 'chai';
import { compareHpa } from './compare.ts';
import { intendedBy } from './intended.ts';
import type { HpaSnapshot } from './snapshot.ts';

const nothing = (): { canFlap: boolean; events: Set<string> } => ({ canFlap: false, events: new Set() });
const active = (reason: string, since = 'before'): object => ({ status: 'True', reason, message: 'm', since });

function snapshot(fields: HpaSnapshot['fields'], texts: readonly string[] = [], counts = {}): HpaSnapshot {
  return { fields: { currentReplicas: 2, ...fields }, events: { texts, counts } };
}

describe('two snapshots of one HPA', () => {
  it('are equal whatever the order of fields', () => {
    const a = snapshot({ currentMetrics: [{ type: 'Resource', value: 1 }] });
    const b = snapshot({ currentMetrics: [{ value: 1, type: 'Resource' }] });
    expect(compareHpa(a, b, nothing())).to.deep.equal([]);
  });

  it('differ in a field that one of them lacks', () => {
    const differences = compareHpa(snapshot({ ScalingActive: active('x') }), snapshot({}), nothing());
    expect(differences.map(({ field }) => field)).to.deep.equal(['ScalingActive']);
  });

  it('differ when one of them does not exist', () => {
    expect(compareHpa(snapshot({}), undefined, nothing())).to.have.length(1);
    expect(compareHpa(undefined, undefined, nothing())).to.deep.equal([]);
  });

  it('differ in events that one has and the other has not, unless it may have dropped them', () => {
    const a = snapshot({}, ['Warning FailedGetScale: x']);
    expect(compareHpa(a, snapshot({}, [], { Warning: 21 }), nothing())).to.have.length(1);
    expect(compareHpa(a, snapshot({}, [], { Normal: 30 }), nothing())).to.have.length(1);
    expect(compareHpa(a, snapshot({}, [], { Warning: 25 }), nothing())).to.deep.equal([]);
  });

  it('may differ, when a pod changed, in when a condition turned, and from then on in what only one reported', () => {
    const a = snapshot({ ScalingActive: active('x', 'in this step') }, ['Normal SuccessfulRescale: x']);
    const b = snapshot({ ScalingActive: active('x') });
    const chance = { ...nothing(), canFlap: true };
    expect(compareHpa(a, b, chance)).to.deep.equal([]);
    expect(compareHpa(a, b, { ...chance, canFlap: false }).map(({ field }) => field)).to.deep.equal(['ScalingActive']);
    expect(compareHpa(a, snapshot({ ScalingActive: active('y') }), chance)).to.have.length(1);
  });

  it('differ on purpose in the kind before the names of HeadroomAutoscalers, and in nothing else', () => {
    const [a, b] = ['[ns/a ns/b]', '[HeadroomAutoscaler:ns/a HeadroomAutoscaler:ns/b]'].map((names) => ({
      message: `controlled by multiple HPAs: ${names}`,
    }));
    expect(intendedBy({ field: 'ScalingActive', a, b }, 'nothing')?.row).to.equal('K14');
    expect(intendedBy({ field: 'ScalingActive', a, b: { ...b, status: 'False' } }, 'nothing')).to.equal(undefined);
  });

  it('differ on purpose in when ScalingLimited turned after an edit, and in nothing else', () => {
    const [a, b] = [active('TooFewReplicas'), active('TooFewReplicas', 'in this step')];
    const rowOf = (field: string, change: string, other: object): string | undefined =>
      intendedBy({ field, a, b: other }, change)?.row;
    for (const change of ['metrics', 'bounds', 'behavior']) expect(rowOf('ScalingLimited', change, b)).to.equal('K2');
    expect(rowOf('ScalingLimited', 'usage up', b)).to.equal(undefined);
    expect(rowOf('AbleToScale', 'metrics', b)).to.equal(undefined);
    expect(rowOf('ScalingLimited', 'metrics', { ...b, reason: 'ScaleUpLimit' })).to.equal(undefined);
  });
});
