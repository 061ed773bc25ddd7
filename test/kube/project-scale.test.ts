import { expect } from 'chai';
import { projectControllerScale, projectScale, projectWorkloadScale } from '../../src/kube/project-scale.ts';
import { SelectorError } from '../../src/lib/label-selector.ts';

const metadata = { name: 'web', namespace: 'default', uid: 'u1', resourceVersion: '7' };

describe('the scale of a workload', () => {
  const check = (title: string, selector: unknown, expected: string): void => {
    it(title, () => {
      const scale = projectWorkloadScale({ metadata, spec: { replicas: 3, selector }, status: { replicas: 2 } });
      expect(scale).to.deep.equal({
        uid: 'u1',
        resourceVersion: '7',
        specReplicas: 3,
        statusReplicas: 2,
        selector: expected,
      });
    });
  };

  // As the API server renders labels.Selector.
  check('has its labels sorted', { matchLabels: { b: '2', a: '1' } }, 'a=1,b=2');
  check(
    'has its expressions among them',
    {
      matchLabels: { m: '1' },
      matchExpressions: [
        { key: 'z', operator: 'In', values: ['b', 'a'] },
        { key: 'k', operator: 'NotIn', values: ['x'] },
        { key: 'e', operator: 'Exists' },
        { key: 'd', operator: 'DoesNotExist' },
      ],
    },
    '!d,e,k notin (x),m=1,z in (a,b)',
  );
  check('is empty for an empty selector', {}, '');
  check('is empty without a selector', undefined, '');

  it('counts an absent spec.replicas as one, and an absent status as none', () => {
    const scale = projectWorkloadScale({ metadata, spec: { selector: {} } });
    expect([scale.specReplicas, scale.statusReplicas]).to.deep.equal([1, 0]);
  });

  it('keeps zero replicas', () => {
    expect(projectWorkloadScale({ metadata, spec: { replicas: 0 } }).specReplicas).to.equal(0);
  });

  it('refuses a selector that the API server would not have let in', () => {
    const selector = { matchExpressions: [{ key: 'a', operator: 'Like' }] };
    expect(() => projectWorkloadScale({ metadata, spec: { selector } })).to.throw(SelectorError, '"Like"');
  });
});

describe('the scale of a ReplicationController', () => {
  it('has its selector as sorted labels', () => {
    const scale = projectControllerScale({ metadata, spec: { replicas: 1, selector: { b: '2', a: '1' } } });
    expect(scale.selector).to.equal('a=1,b=2');
  });

  it('has an empty selector when there is none', () => {
    expect(projectControllerScale({ metadata, spec: {} }).selector).to.equal('');
  });
});

describe('a Scale object', () => {
  it('is read as it stands; replicas that are left out are zero', () => {
    const scale = projectScale({ metadata, spec: {}, status: { replicas: 0, selector: 'a=1' } });
    expect(scale).to.deep.equal({
      uid: 'u1',
      resourceVersion: '7',
      specReplicas: 0,
      statusReplicas: 0,
      selector: 'a=1',
    });
  });

  const read = (selector: string): string => projectScale({ metadata, spec: {}, status: { selector } }).selector;

  // What kube-controller-manager v1.36 makes of them; test/parity/hpa compares it with the real one.
  const checkSelector = (title: string, selector: string, expected: string): void => {
    it(`has its selector rewritten: ${title}`, () => expect(read(selector)).to.equal(expected));
  };
  checkSelector('sorted by key', 'b=2,a=1', 'a=1,b=2');
  checkSelector('with one sort of equality', 'a==1', 'a=1');
  checkSelector('with the last value that one label must equal', 'a=1,a=2', 'a=2');
  checkSelector('with sets and presence kept', 'z in (y,x),!d,e,k notin (v)', '!d,e,k notin (v),z in (x,y)');
  checkSelector('to nothing when it is blank', ' ', '');

  const refused = (title: string, selector: string, problem: string): void => {
    it(`cannot be read when its selector ${title}`, () => {
      const start =
        'received an object from a /scale endpoint which was not convertible to autoscaling Scale: failed to parse target selector: ';
      expect(() => read(selector)).to.throw(SelectorError, `${start}${problem}`);
    });
  };
  refused(
    'does not parse',
    'app in (web',
    `couldn't parse the selector string "app in (web": unable to parse requirement: found '', expected: ',' or ')'`,
  );
  refused('compares numbers', 'a>1', '"gt" isn\'t supported in label selectors');
  refused('asks for inequality', 'a!=1', '"!=" is not a valid label selector operator');
});
