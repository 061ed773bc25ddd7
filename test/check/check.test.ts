import { expect } from 'chai';
import { check } from '../../src/check/check.ts';

const settings = { namespace: 'default', scaleToZero: false };

/** Fields and messages of what is found in the spec of a HorizontalPodAutoscaler. */
function findingsOf(spec: string): string[] {
  const text = `apiVersion: autoscaling/v2\nkind: HorizontalPodAutoscaler\nmetadata: {name: web}\nspec: ${spec}\n`;
  return check([{ file: 'a.yaml', text }], settings).autoscalers.flatMap(({ findings }) =>
    findings.map(({ field, message }) => `${field}: ${message}`),
  );
}

const target = 'scaleTargetRef: {apiVersion: apps/v1, kind: Deployment, name: web}';

describe('what follows from a misspelled field', () => {
  it('is not told: the field is there once its name is mended', () => {
    expect(findingsOf(`{${target}, maxreplicas: 5}`)).to.deep.equal([
      'spec.maxreplicas: unknown field "spec.maxreplicas"',
    ]);
    expect(findingsOf(`{${target.replace('Ref', 'ref')}, maxReplicas: 5}`)).to.deep.equal([
      'spec.scaleTargetref: unknown field "spec.scaleTargetref"',
    ]);
  });

  it('does not hide what is wrong elsewhere', () => {
    expect(findingsOf(`{${target}, maxReplicas: 0, minreplicas: 5}`)).to.deep.equal([
      'spec.maxReplicas: Required value: must be set and greater than 0',
      'spec.maxReplicas: Invalid value: 0: must be greater than or equal to `minReplicas`',
      'spec.minreplicas: unknown field "spec.minreplicas"',
    ]);
  });

  it('is told of the field that was not meant, because it is there', () => {
    expect(findingsOf(`{${target}, maxReplicas: 0, maxreplicas: 5}`)).to.include(
      'spec.maxReplicas: Required value: must be set and greater than 0',
    );
  });

  it('is told when nobody knows what was meant', () => {
    expect(findingsOf(`{${target}, most: 5}`)).to.include(
      'spec.maxReplicas: Required value: must be set and greater than 0',
    );
  });
});

describe('a number beyond float64 in JSON', () => {
  const json = (apiVersion: string, kind: string): string =>
    `{"apiVersion": "${apiVersion}", "kind": "${kind}", "metadata": {"name": "web"}, "spec": {"scaleTargetRef": {"apiVersion": "apps/v1", "kind": "Deployment", "name": "web"}, "maxReplicas": 5, "metrics": [{"type": "Pods", "pods": {"metric": {"name": "q"}, "target": {"type": "AverageValue", "averageValue": 1e400}}}]}}`;

  it('keeps a HeadroomAutoscaler from being read', () => {
    const text = json('autoscaling.headroom.dev/v1alpha1', 'HeadroomAutoscaler');
    const [autoscaler] = check([{ file: 'a.json', text }], settings).autoscalers;
    expect(autoscaler?.findings.map(({ field, message, advice }) => ({ field, message, advice }))).to.deep.equal([
      {
        field: 'spec.metrics[0].pods.target.averageValue',
        message: 'json: cannot unmarshal number 1e400 into Go value of type float64',
        advice: 'write a smaller number',
      },
    ]);
  });

  it('is a quantity to a HorizontalPodAutoscaler, whose type reads it as text', () => {
    const text = json('autoscaling/v2', 'HorizontalPodAutoscaler');
    const [autoscaler] = check([{ file: 'a.json', text }], settings).autoscalers;
    expect(autoscaler?.answer).to.equal(undefined);
  });
});

describe('numbers of a HeadroomAutoscaler in JSON', () => {
  const problem = (maxReplicas: string): string | undefined => {
    const text = `{"apiVersion": "autoscaling.headroom.dev/v1alpha1", "kind": "HeadroomAutoscaler", "metadata": {"name": "web"}, "spec": {"scaleTargetRef": {"apiVersion": "apps/v1", "kind": "Deployment", "name": "web"}, "maxReplicas": ${maxReplicas}}}`;
    return check([{ file: 'a.json', text }], settings).autoscalers[0]?.answer?.replace(/^.* is invalid: /, '');
  };

  it('are integers to CEL only without a point', () => {
    expect(problem('5')).to.equal(undefined);
    expect(problem('5.0')).to.equal(
      'spec: Invalid value: "object": invalid data, expected int, got float64 evaluating rule: maxReplicas must be greater than or equal to minReplicas',
    );
  });

  it('are quoted as Go prints them', () => {
    expect(problem('-1000000.0')).to.contain(
      'Invalid value: -1e+06: spec.maxReplicas in body should be greater than or equal to 1',
    );
    expect(problem('1e19')).to.contain('spec.maxReplicas in body must be of type int32: "float64"');
  });
});
