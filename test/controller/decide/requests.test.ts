import { expect } from 'chai';
import { createRequestReader, type RequestQuestion } from '../../../src/controller/decide/requests.ts';
import type { ContainerRequests, InitContainerRequests, PodTemplateView } from '../../../src/lib/views.ts';
import { pod, template } from '../../support/observation-builders.ts';

type Amounts = Readonly<Record<string, number>>;

const amounts = (json: Amounts): Readonly<Record<string, bigint>> =>
  Object.fromEntries(Object.entries(json).map(([name, value]) => [name, BigInt(value)]));

const container = (name: string, requests: Amounts): ContainerRequests => ({ name, requestsMilli: amounts(requests) });
const init = (name: string, requests: Amounts): InitContainerRequests => ({
  ...container(name, requests),
  restartPolicyAlways: false,
});
const sidecar = (name: string, requests: Amounts): InitContainerRequests => ({
  ...container(name, requests),
  restartPolicyAlways: true,
});

/** The request in milli-units, or the error for a pod named p. */
function read(parts: Partial<PodTemplateView>, question: Partial<RequestQuestion> = {}): string {
  const reader = createRequestReader({ resource: 'cpu', container: '', podLevelResources: true, ...question });
  const request = reader(pod('p', { template: template(parts) }));
  return request.kind === 'found' ? String(request.milli) : request.messageFor('p');
}

function check(title: string, parts: Partial<PodTemplateView>, expected: string, question?: Partial<RequestQuestion>) {
  it(`${title} -> ${expected}`, () => expect(read(parts, question)).to.equal(expected));
}

const app = container('app', { cpu: 100 });

describe('the request of a pod from its containers (4.3.3)', () => {
  check('the sum of all containers', { containers: [app, container('b', { cpu: 20 })] }, '120');
  check('sidecars run along', { containers: [app], initContainers: [sidecar('s', { cpu: 7 })] }, '107');
  check('other init containers do not', { containers: [app], initContainers: [init('i', { cpu: 900 })] }, '100');
  check('overhead is left out', { containers: [app], overheadMilli: amounts({ cpu: 50 }) }, '100');
  check('zero is a request', { containers: [container('app', { cpu: 0 })] }, '0');
  const absent = container('b', { memory: 1 });
  check(
    'each container must have one',
    { containers: [app, absent] },
    'missing request for cpu in container b of Pod p',
  );
  const bare = { containers: [app], initContainers: [sidecar('s', {})] };
  check('each sidecar too', bare, 'missing request for cpu in container s of Pod p');
  const odd = { resource: 'toString' };
  check('any name is a resource', {}, 'missing request for toString in container app of Pod p', odd);
  const huge = container('b', { cpu: 1 });
  const wraps = [{ name: 'app', requestsMilli: { cpu: 2n ** 63n - 1n } }, huge];
  check('sums wrap at int64', { containers: wraps }, String(-(2n ** 63n)));
});

describe('the request of one container (4.3.1)', () => {
  const named = { container: 'b' };
  check('only that one counts', { containers: [container('app', {}), container('b', { cpu: 20 })] }, '20', named);
  check('sidecars can be named', { containers: [app], initContainers: [sidecar('b', { cpu: 7 })] }, '7', named);
  const initOnly = { containers: [app], initContainers: [init('b', { cpu: 7 })] };
  check('other init containers cannot', initOnly, 'container b not found in Pod p', named);
  const bare = { containers: [container('b', {})] };
  check('it must have a request', bare, 'missing request for cpu in container b of Pod p', named);
  const podLevel = { containers: [container('b', { cpu: 20 })], podRequestsMilli: amounts({ cpu: 500 }) };
  check('it counts even if the pod as a whole has one', podLevel, '20', named);
});

describe('the request of the pod as a whole (4.3.2)', () => {
  const podRequestsMilli = amounts({ cpu: 500 });
  check('takes the place of its containers', { containers: [container('app', {})], podRequestsMilli }, '500');
  check('plus overhead', { podRequestsMilli, overheadMilli: amounts({ cpu: 50 }) }, '550');
  check('plays no part without the gate', { containers: [app], podRequestsMilli }, '100', { podLevelResources: false });
  check('plays no part when empty', { containers: [app], podRequestsMilli: {} }, '100');
  const gpuOnly = amounts({ 'nvidia.com/gpu': 1 });
  check('plays no part for resources pods cannot have', { containers: [app], podRequestsMilli: gpuOnly }, '100');

  // A resource that the pod does not name: what its containers need
  const memoryOnly = { podRequestsMilli: amounts({ memory: 5 }) };
  const memory = { resource: 'memory' };
  check('names memory only: cpu from containers', { ...memoryOnly, containers: [app] }, '100');
  check(
    'a container without request is no failure then',
    { ...memoryOnly, containers: [app, container('b', {})] },
    '100',
  );
  check('huge pages count as a request of the pod', { podRequestsMilli: amounts({ 'hugepages-2Mi': 5 }) }, '1000');
  const starting = [init('first', { cpu: 300 }), sidecar('s', { cpu: 25 }), init('last', { cpu: 150 })];
  check('the peak while starting may be more', { ...memoryOnly, containers: [app], initContainers: starting }, '300');
  const late = [sidecar('s', { cpu: 250 }), init('last', { cpu: 150 })];
  check(
    'init containers start beside earlier sidecars',
    { ...memoryOnly, containers: [app], initContainers: late },
    '400',
  );
  const light = [sidecar('s', { cpu: 25 }), init('last', { cpu: 15 })];
  check('or less', { ...memoryOnly, containers: [app], initContainers: light }, '125');
  const onlyInit = { ...memoryOnly, containers: [container('app', {})], initContainers: [init('i', { cpu: 30 })] };
  check('init containers may be the only ones with a request', onlyInit, '30');
  check('overhead may be the only request', { ...memoryOnly, containers: [], overheadMilli: amounts({ cpu: 9 }) }, '9');
  check('nobody names it', { ...memoryOnly, containers: [] }, 'missing pod-level request for cpu in Pod p');
  const gpuQuestion = { resource: 'nvidia.com/gpu' };
  const gpus = { containers: [container('app', { 'nvidia.com/gpu': 2000 })] };
  const both = { ...gpus, podRequestsMilli: amounts({ cpu: 1, 'nvidia.com/gpu': 1 }) };
  check('never overrides a resource pods cannot have', both, '2000', gpuQuestion);
  check('memory works alike', memoryOnly, '5', memory);
});

describe('a request reader', () => {
  it('looks at each template it meets, in whatever order', () => {
    const reader = createRequestReader({ resource: 'cpu', container: '', podLevelResources: true });
    const one = template();
    const two = template({ containers: [app] });
    const answers = [one, one, two, one].map((each) => reader(pod('p', { template: each })));
    expect(answers.map((request) => request.kind === 'found' && request.milli)).to.deep.equal([
      1000n,
      1000n,
      100n,
      1000n,
    ]);
  });
});
