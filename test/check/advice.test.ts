import { expect } from 'chai';
import { adviceFor } from '../../src/check/advice.ts';
import { verdictOf } from './checked-answer.ts';
import { manifestCases } from './manifests.ts';

const problems = manifestCases.flatMap((one) =>
  verdictOf(one).refusals.flatMap(({ step, problems }) => problems.map((problem) => ({ step, problem }))),
);

function unknown(field: string, ...knownNames: readonly string[]): string {
  return adviceFor('strict', { field, message: `unknown field "${field}"`, at: { line: 1, column: 1 }, knownNames });
}

describe('advice', () => {
  it('has something to say about every problem of the table', () => {
    const helpless = problems.filter(
      ({ step, problem }) => adviceFor(step, problem) === 'change it as the message says',
    );
    expect(helpless.map(({ problem }) => problem.message)).to.deep.equal([]);
    expect(problems.length).to.be.greaterThan(300);
  });

  it('leaves no group of an expression open', () => {
    const texts = problems.map(({ step, problem }) => adviceFor(step, problem));
    expect(texts.filter((text) => /\$\d/.test(text))).to.deep.equal([]);
  });

  it('finds the field that was meant', () => {
    expect(unknown('spec.maxreplicas', 'minReplicas', 'maxReplicas')).to.equal('did you mean maxReplicas?');
    expect(unknown('spec.metrics[0].resurce', 'type', 'resource')).to.equal('did you mean resource?');
  });

  it('names the fields that there are when none is close', () => {
    expect(unknown('spec.foo', 'kind', 'name')).to.equal('remove it; there are kind, name');
  });

  it('knows what fields of other versions are called', () => {
    expect(unknown('spec.targetCPUUtilizationPercentage', 'metrics')).to.match(/^that is autoscaling\/v1; /);
  });
});

describe('advice about a value of a wrong type', () => {
  const go = (found: string, wanted: string): string =>
    `json: cannot unmarshal ${found} into Go struct field A.b.c of type ${wanted}`;
  const schema = (found: string, wanted: string): string =>
    `Invalid value: "${found}": a in body must be of type ${wanted}: "${found}"`;

  function advises(advice: string, ...messages: readonly string[]): void {
    for (const message of messages) {
      it(`${message}: ${advice}`, () => {
        const problem = { field: 'a', message, at: { line: 1, column: 1 } };
        expect(adviceFor('decode', problem)).to.match(new RegExp(`^${advice}`));
      });
    }
  }

  advises('write the number without quotes$', go('string', 'int32'), schema('string', 'integer'));
  advises('write a number; unquoted yes', go('bool', 'int32'), schema('boolean', 'integer'));
  advises('write a whole number that fits', go('number 5.5', 'int32'), schema('number', 'integer'));
  advises('write a whole number$', go('array', 'int64'), schema('object', 'integer'));
  advises('write true or false, without quotes$', go('string', 'bool'));
  advises('put the number in quotes$', go('number', 'string'), go('number', 'v2.MetricSourceType'));
  advises('put the number in quotes$', schema('integer', 'string'), schema('number', 'string'));
  advises('put it in quotes; ', go('bool', 'types.UID'), schema('boolean', 'string'));
  advises('write a single text$', go('array', 'v1.ConditionStatus'), schema('object', 'string'));
  advises('write a list: ', go('bool', '[]v2.MetricSpec'), schema('object', 'array'));
  advises('write names with a text each', go('array', 'map[string]string'));
  advises('write one object, without dashes$', go('array', 'v2.MetricTarget'), schema('array', 'object'));
  advises('write its fields on lines', go('bool', 'v2.HPAScalingRules'), schema('string', 'object'));
  advises('write its fields on lines', go('number', 'v2.HorizontalPodAutoscalerStatus'));
});
