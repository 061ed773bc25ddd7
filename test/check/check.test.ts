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
