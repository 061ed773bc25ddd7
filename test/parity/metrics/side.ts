// Flow: one of the two that are compared, as a process: metrics-server or Headroom, on the same control plane and with the same flags.
import { join } from 'node:path';
import { referenceAccount } from '../../../bench/manifests.ts';
import type { ControlPlane } from '../../cluster/control-plane.ts';
import { reservePorts } from '../../cluster/ports.ts';
import { lastLines, spawnGuarded } from '../../cluster/processes.ts';
import { startHeadroom } from '../../support/headroom-process.ts';
import { resolutionMs } from './course.ts';

const flags = [
  `--metric-resolution=${resolutionMs / 1000}s`,
  // Long enough for a busy machine, so that only the kubelet that hangs is too slow.
  '--kubelet-request-timeout=8s',
  '--kubelet-use-node-status-port',
  '--kubelet-preferred-address-types=InternalIP,ExternalIP,Hostname',
];

export interface Side {
  readonly name: 'A' | 'B';
  readonly port: number;
  /** The end of its log. */
  log(): string;
  /** Throws when it has ended. */
  check(): void;
}

export interface Stage {
  readonly controlPlane: ControlPlane;
  /** What the kubelets' certificates chain to. */
  readonly caFile: string;
  readonly undo: AsyncDisposableStack;
}

/** `onToken` is told the token that the kubelets will see. */
export async function startReference(
  name: Side['name'],
  { controlPlane, caFile, undo }: Stage,
  onToken: (token: string) => void,
): Promise<Side> {
  const port = await freePort(undo);
  const token = await controlPlane.serviceAccountToken(referenceAccount.namespace, referenceAccount.name);
  onToken(token);
  const kubeconfig = await controlPlane.kubeconfigForToken(token);
  const logPath = join(controlPlane.dir, `metrics-server-${name}.log`);
  const command = [
    controlPlane.binaries.metricsServer,
    ...flags,
    `--kubelet-certificate-authority=${caFile}`,
    `--kubeconfig=${kubeconfig}`,
    `--authentication-kubeconfig=${kubeconfig}`,
    `--authorization-kubeconfig=${kubeconfig}`,
    '--bind-address=127.0.0.1',
    `--secure-port=${port}`,
    `--cert-dir=${join(controlPlane.dir, `metrics-server-${name}-certificates`)}`,
  ];
  const child = await spawnGuarded(command, { logPath });
  undo.defer(() => child.stop(5_000));
  const log = (): string => lastLines(logPath, 15);
  const check = (): void => {
    if (child.exited === undefined) return;
    throw new Error(`metrics-server ended with ${child.exited.code}:\n${log()}`);
  };
  return { name, port, log, check };
}

export async function startOurs(name: Side['name'], { controlPlane, caFile, undo }: Stage): Promise<Side> {
  const port = await freePort(undo);
  const headroom = undo.use(
    await startHeadroom(controlPlane, {
      port,
      flags: [...flags, `--kubelet-certificate-authority=${caFile}`, '--native-hpas=never', '-v=0'],
    }),
  );
  const log = (): string =>
    headroom
      .log()
      .slice(-15)
      .map((line) => JSON.stringify(line))
      .join('\n');
  const check = (): void => {
    if (headroom.exited === undefined) return;
    throw new Error(`Headroom ended with ${headroom.exited.code}:\n${log()}`);
  };
  return { name, port, log, check };
}

async function freePort(undo: AsyncDisposableStack): Promise<number> {
  const reserved = await reservePorts(1);
  undo.defer(() => reserved.release());
  return reserved.ports[0] ?? 0;
}
