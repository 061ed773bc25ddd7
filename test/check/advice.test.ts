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
