// Where a kubelet is asked: docs/metrics-math.md section 5.
import { expect } from 'chai';
import type { NodeView } from '../../src/lib/views.ts';
import { findKubelet, type KubeletAddressSettings } from '../../src/metrics/kubelet-address.ts';
import { node } from '../support/node-builder.ts';

const settings: KubeletAddressSettings = {
  preferredAddressTypes: ['InternalIP', 'Hostname'],
  port: 10250,
  useNodeStatusPort: false,
  scheme: 'https',
};

describe('findKubelet', () => {
  const check = (rule: string, view: NodeView, more: Partial<KubeletAddressSettings>, url: string): void => {
    it(rule, () => {
      const found = findKubelet(view, { ...settings, ...more });
      expect(found.kind === 'found' ? found.target.origin + found.target.path : found.reason).to.equal(url);
    });
  };
  const addresses = [
    { type: 'Hostname', address: 'host-a' },
    { type: 'InternalIP', address: '10.0.0.1' },
    { type: 'InternalIP', address: '10.0.0.2' },
  ];
  // Address
  check(
    'takes the first address of the first type',
    node({ addresses }),
    {},
    'https://10.0.0.1:10250/metrics/resource',
  );
  check(
    'prefers types in the order given',
    node({ addresses }),
    { preferredAddressTypes: ['Hostname', 'InternalIP'] },
    'https://host-a:10250/metrics/resource',
  );
  check(
    'skips types that the node lacks',
    node({ addresses }),
    { preferredAddressTypes: ['ExternalIP', 'Hostname'] },
    'https://host-a:10250/metrics/resource',
  );
  check(
    'says which types did not match',
    node({ addresses }),
    { preferredAddressTypes: ['ExternalIP', 'ExternalDNS'] },
    'no address matched types [ExternalIP ExternalDNS]',
  );
  check(
    'says so of a node without addresses',
    node({ addresses: [] }),
    {},
    'no address matched types [InternalIP Hostname]',
  );
  check(
    'puts IPv6 into brackets',
    node({ addresses: [{ type: 'InternalIP', address: 'fd00::7' }] }),
    {},
    'https://[fd00::7]:10250/metrics/resource',
  );
  check(
    'speaks http where it is told to',
    node({ addresses }),
    { scheme: 'http' },
    'http://10.0.0.1:10250/metrics/resource',
  );
  // Port
  check(
    'ignores the port of the node status',
    node({ addresses, kubeletPort: 9 }),
    {},
    'https://10.0.0.1:10250/metrics/resource',
  );
  check(
    'takes it when wanted',
    node({ addresses, kubeletPort: 9 }),
    { useNodeStatusPort: true },
    'https://10.0.0.1:9/metrics/resource',
  );
  check(
    'takes its own when the node has none',
    node({ addresses, kubeletPort: 0 }),
    { useNodeStatusPort: true },
    'https://10.0.0.1:10250/metrics/resource',
  );
  // Path
  const path = (resourceMetricsPath: string): NodeView => node({ addresses, resourceMetricsPath });
  const base = 'https://10.0.0.1:10250';
  check(
    'takes the path of the annotation',
    path('/metrics/nodes/n/metrics/resource'),
    {},
    `${base}/metrics/nodes/n/metrics/resource`,
  );
  check('adds a missing slash', path('noslash'), {}, `${base}/noslash`);
  check('escapes blanks and question marks', path('/a b?x=1'), {}, `${base}/a%20b%3Fx=1`);
  check('escapes percent signs', path('/%41'), {}, `${base}/%2541`);
  check('escapes what would end the path', path('/a#b\r\nHost: x'), {}, `${base}/a%23b%0D%0AHost:%20x`);
  check(
    'leaves what a path may hold',
    path("/a:b@c$d&e+f,g;h=i~j_k-l.m!n*o'p(q)"),
    {},
    `${base}/a:b@c$d&e+f,g;h=i~j_k-l.m!n*o'p(q)`,
  );
  check('escapes what is not ASCII', path('/ä\ud800'), {}, `${base}/%C3%A4%EF%BF%BD`);
});
