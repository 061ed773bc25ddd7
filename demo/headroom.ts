// Edge: Headroom, from this checkout, as a process beside the cluster, with the rights of config/ and no others.
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Component } from '../test/cluster/component.ts';
import { files } from '../test/cluster/components.ts';
import { probe } from '../test/cluster/probe.ts';
import { lastLines } from '../test/cluster/processes.ts';
import type { Stage } from './stage.ts';

const program = fileURLToPath(new URL('../src/main.ts', import.meta.url));
const logLinesShown = 15;

export interface Headroom extends AsyncDisposable {
  readonly logPath: string;
  /** Whether it still runs. */
  isRunning(): boolean;
  /** An error that shows the end of its log. */
  failure(message: string): Error;
}

/** Starts it; resolves when it answers, which is before it has metrics. */
export async function startHeadroom(
  { controlPlane, commandPrefix, address, bindAddress }: Stage,
  port: number,
): Promise<Headroom> {
  const token = await controlPlane.serviceAccountToken('headroom-system', 'headroom');
  const kubeconfigPath = await controlPlane.kubeconfigForToken(token);
  const logPath = join(controlPlane.dir, 'headroom.log');
  const component = new Component({
    name: 'Headroom',
    command: [
      ...commandPrefix,
      process.execPath,
      program,
      `--kubeconfig=${kubeconfigPath}`,
      `--bind-address=${bindAddress}`,
      `--secure-port=${port}`,
      `--cert-dir=${join(controlPlane.dir, 'headroom-certificates')}`,
      `--kubelet-certificate-authority=${join(controlPlane.dir, files.clusterCa)}`,
      '--kubelet-use-node-status-port',
      '--kubelet-service-account=headroom-kubelets',
      '--kubelet-preferred-address-types=InternalIP',
      '--metric-resolution=10s',
      '--kubelet-request-timeout=5s',
      '--horizontal-pod-autoscaler-sync-period=5s',
      '--native-hpas=always',
      '--logging-format=json',
      '-v=4', // also tells why replicas are kept
    ],
    logPath,
    env: { ...process.env, POD_NAMESPACE: 'headroom-system', POD_NAME: 'headroom-demo' },
    isReady: async () => (await probe(`https://${address}:${port}/livez`))?.status === 200,
  });
  await component.start();
  return {
    logPath,
    isRunning: () => component.pid !== undefined,
    failure: (message) => new Error(`${message}. The end of Headroom's log:\n${lastLines(logPath, logLinesShown)}`),
    [Symbol.asyncDispose]: () => component.stop(),
  };
}

/** Resolves when the API server calls the Metrics API available. */
export async function waitForMetricsApi(
  { controlPlane }: Stage,
  headroom: Headroom,
  signal: AbortSignal,
): Promise<void> {
  const waiting = ['wait', 'apiservice/v1beta1.metrics.k8s.io', '--for=condition=Available', '--timeout=30s'];
  const answer = await controlPlane.kubectl(waiting, { signal });
  signal.throwIfAborted();
  if (answer.code !== 0) throw headroom.failure(`kubectl ${waiting.join(' ')}: ${answer.stderr.trim()}`);
}
