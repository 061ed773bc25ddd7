import { expect } from 'chai';
import type { Binaries } from '../cluster/build.ts';
import { cacheDirectory } from '../cluster/cache.ts';
import { type ControlPlaneLayout, componentCommands } from '../cluster/components.ts';
import { renderKubeconfig } from '../cluster/kubeconfig.ts';

const binaries: Binaries = {
  etcd: '/bin/etcd',
  kubeApiserver: '/bin/kube-apiserver',
  kubeControllerManager: '/bin/kube-controller-manager',
  kubeScheduler: '/bin/kube-scheduler',
  kubectl: '/bin/kubectl',
  kubelet: '/bin/kubelet',
  metricsServer: '/bin/metrics-server',
  kwok: '/bin/kwok',
  customMetricsAdapter: '/bin/custom-metrics-adapter',
  vpaRecommender: '/bin/vpa-recommender',
  writableMetricsAdapter: '/bin/writable-metrics-adapter',
  promtool: '/bin/promtool',
};

const layout: ControlPlaneLayout = {
  dir: '/data',
  binaries,
  address: '127.0.0.1',
  ports: { etcdClient: 1, etcdPeer: 2, apiServer: 3, controllerManager: 4, scheduler: 5 },
  controllers: '*',
  extraFlags: {},
};

describe('componentCommands', () => {
  it('turns on RBAC and aggregation', () => {
    const flags = componentCommands(layout)['kube-apiserver'];
    expect(flags).to.include.members([
      '--authorization-mode=Node,RBAC',
      '--requestheader-client-ca-file=/data/pki/front-proxy-ca.crt',
      '--requestheader-allowed-names=front-proxy-client',
      '--proxy-client-cert-file=/data/pki/front-proxy-client.crt',
    ]);
  });

  it('puts extra flags last, where they win', () => {
    const extraFlags = { 'kube-controller-manager': ['--kube-api-qps=20'] } as const;
    const flags = componentCommands({ ...layout, extraFlags })['kube-controller-manager'];
    expect(flags.at(-1)).to.equal('--kube-api-qps=20');
    expect(componentCommands({ ...layout, extraFlags }).etcd).to.not.include('--kube-api-qps=20');
  });

  it('listens on one address only', () => {
    const commands = componentCommands({ ...layout, address: '198.18.0.2' });
    for (const flags of Object.values(commands)) {
      expect(flags.join(' ')).to.include('198.18.0.2').and.not.include('127.0.0.1').and.not.include('0.0.0.0');
    }
  });
});

describe('cacheDirectory', () => {
  const check = (title: string, env: NodeJS.ProcessEnv, expected: string): void => {
    it(title, () => {
      expect(cacheDirectory(env)).to.equal(expected);
    });
  };
  check('is what HEADROOM_CACHE_DIR says', { HEADROOM_CACHE_DIR: '/own', XDG_CACHE_HOME: '/xdg' }, '/own');
  check('is a folder of the desktop cache without it', { XDG_CACHE_HOME: '/xdg' }, '/xdg/headroom');
  check('takes an empty variable for none', { HEADROOM_CACHE_DIR: '', XDG_CACHE_HOME: '/xdg' }, '/xdg/headroom');
});

describe('renderKubeconfig', () => {
  it('carries a token for one user of one cluster', () => {
    const text = renderKubeconfig({ serverUrl: 'https://127.0.0.1:6443', caPem: 'CA', user: { token: 'secret' } });
    expect(text).to.include('server: https://127.0.0.1:6443');
    expect(text).to.include(`certificate-authority-data: ${btoa('CA')}`);
    expect(text).to.include('token: secret');
  });

  it('carries a client certificate', () => {
    const user = { certificatePem: 'CERT', keyPem: 'KEY' };
    const text = renderKubeconfig({ serverUrl: 'https://127.0.0.1:6443', caPem: 'CA', user });
    expect(text).to.include(`client-certificate-data: ${btoa('CERT')}`);
    expect(text).to.include(`client-key-data: ${btoa('KEY')}`);
  });
});
