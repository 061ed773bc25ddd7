// E2e: the control plane that other e2e tests stand on.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { expect } from 'chai';
import { type ControlPlane, startControlPlane } from '../../cluster/control-plane.ts';
import { probe } from '../../cluster/probe.ts';
import { identifyProcess, isRunning, type ProcessIdentity } from '../../cluster/processes.ts';
import { until } from '../../support/until.ts';

const pod = {
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name: 'first', namespace: 'default' },
  spec: { containers: [{ name: 'c', image: 'any' }] },
};

describe('a control plane', () => {
  let controlPlane: ControlPlane;

  before(async () => {
    controlPlane = await startControlPlane();
  });

  after(async () => {
    await controlPlane.stop();
  });

  it('takes pods from the moment it is started', async () => {
    const answer = await controlPlane.kubectl(['create', '-f', '-'], { input: JSON.stringify(pod) });
    expect(answer).to.deep.include({ code: 0, stdout: 'pod/first created\n' });
  });

  it('lets a service account do only what RBAC allows', async () => {
    const token = await controlPlane.serviceAccountToken('default', 'default');
    const kubeconfigPath = await controlPlane.kubeconfigForToken(token);
    const answer = await controlPlane.kubectl(['get', 'pods'], { kubeconfigPath });
    expect(answer.code).to.equal(1);
    expect(answer.stderr).to.include('User "system:serviceaccount:default:default" cannot list resource "pods"');
  });

  it('publishes the trust roots that an aggregated API checks its callers with', async () => {
    const args = ['get', 'configmap', 'extension-apiserver-authentication', '--namespace=kube-system', '--output=json'];
    const { data } = JSON.parse((await controlPlane.kubectl(args)).stdout);
    expect(data['client-ca-file']).to.equal(controlPlane.caPem);
    expect(data['requestheader-client-ca-file']).to.equal(controlPlane.frontProxyCaPem);
    expect(data['requestheader-allowed-names']).to.equal('["front-proxy-client"]');
  });

  it('runs all controllers but the one for HPAs', async () => {
    const url = `https://127.0.0.1:${controlPlane.ports.controllerManager}/healthz?verbose`;
    await until(async () => (await probe(url))?.status === 200);
    const log = await controlPlane.logs('kube-controller-manager');
    expect(log).to.match(/controller is disabled.*horizontal-pod-autoscaler-controller/);
    expect(log).to.not.match(/controller is disabled.*deployment-controller/);
  });

  it('keeps its data while the API server is stopped and started', async () => {
    await controlPlane.stopComponent('kube-apiserver');
    expect((await controlPlane.kubectl(['get', 'namespaces'])).stderr).to.include('was refused');
    await controlPlane.startComponent('kube-apiserver');
    expect((await controlPlane.kubectl(['get', 'pods', '--output=name'])).stdout).to.equal('pod/first\n');
  });

  it('runs beside another one that sees nothing of it', async () => {
    await using other = await startControlPlane();
    expect(other.serverUrl).to.not.equal(controlPlane.serverUrl);
    expect((await other.kubectl(['get', 'pods', '--output=name'])).stdout).to.equal('');
  });
});

describe('the HPA controller of kube-controller-manager', () => {
  it('runs when it is asked for, with the flags it is given', async () => {
    const flag = '--horizontal-pod-autoscaler-sync-period=1s';
    await using controlPlane = await startControlPlane({
      hpaController: 'on',
      extraFlags: { 'kube-controller-manager': [flag] },
    });
    await controlPlane.kubectl(['create', 'deployment', 'web', '--image=any']);
    await controlPlane.kubectl(['autoscale', 'deployment', 'web', '--cpu=50%', '--max=3']);
    const args = ['wait', 'hpa/web', '--for=condition=AbleToScale', '--timeout=20s'];
    expect((await controlPlane.kubectl(args)).stdout).to.equal(
      'horizontalpodautoscaler.autoscaling/web condition met\n',
    );
  });
});

describe('a control plane that ends', () => {
  it('leaves no process and no data after stop', async () => {
    const controlPlane = await startControlPlane();
    const identities = controlPlane.pids().map(({ pid }) => identifyProcess(pid) as ProcessIdentity);
    expect(identities.filter(isRunning)).to.have.length(4);
    await controlPlane.stop();
    await controlPlane.stop();
    expect(identities.filter(isRunning)).to.deep.equal([]);
    expect(existsSync(controlPlane.dir)).to.equal(false);
  });

  it('leaves no process when the one that started it is killed', async () => {
    const holder = spawn(process.execPath, [join(import.meta.dirname, 'held-control-plane.ts')], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const [line] = (await once(createInterface(holder.stdout), 'line')) as [string];
    const identities: ProcessIdentity[] = JSON.parse(line);
    expect(identities.filter(isRunning)).to.have.length(4);
    holder.kill('SIGKILL');
    await until(() => !identities.some(isRunning));
  });

  it('shows the end of its log when a component cannot start', async () => {
    const extraFlags = { 'kube-scheduler': ['--no-such-flag'] };
    const failure = await startControlPlane({ extraFlags }).catch((error: unknown) => error);
    expect(String(failure)).to.include('kube-scheduler ended while it started (exit code 1)');
    expect(String(failure)).to.include('unknown flag: --no-such-flag');
  });
});
