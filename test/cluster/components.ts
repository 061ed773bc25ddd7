// Pure: the command line of each control-plane component.
import { join } from 'node:path';
import type { Binaries } from './build.ts';

export const componentNames = ['etcd', 'kube-apiserver', 'kube-controller-manager', 'kube-scheduler'] as const;
export type ComponentName = (typeof componentNames)[number];

export interface ControlPlanePorts {
  readonly etcdClient: number;
  readonly etcdPeer: number;
  readonly apiServer: number;
  readonly controllerManager: number;
  readonly scheduler: number;
}

/** Everything the command lines depend on. Paths are files below `dir`, written by `writeControlPlaneFiles`. */
export interface ControlPlaneLayout {
  readonly dir: string;
  readonly binaries: Binaries;
  /** The address every component listens on and is reached at. */
  readonly address: string;
  readonly ports: ControlPlanePorts;
  /** The value of kube-controller-manager's --controllers. */
  readonly controllers: string;
  /** Flags appended to a component's own; a flag given twice counts as its last. */
  readonly extraFlags: Partial<Record<ComponentName, readonly string[]>>;
}

/** Where the files of a control plane lie, relative to its directory. */
export const files = {
  clusterCa: 'pki/ca.crt',
  clusterCaKey: 'pki/ca.key',
  frontProxyCa: 'pki/front-proxy-ca.crt',
  frontProxyClient: 'pki/front-proxy-client.crt',
  frontProxyClientKey: 'pki/front-proxy-client.key',
  apiServer: 'pki/apiserver.crt',
  apiServerKey: 'pki/apiserver.key',
  kubeletClient: 'pki/apiserver-kubelet-client.crt',
  kubeletClientKey: 'pki/apiserver-kubelet-client.key',
  serviceAccountKey: 'pki/sa.key',
  serviceAccountPublicKey: 'pki/sa.pub',
  adminKubeconfig: 'kubeconfig',
  controllerManagerKubeconfig: 'controller-manager.kubeconfig',
  schedulerKubeconfig: 'scheduler.kubeconfig',
} as const;

const SERVICE_CLUSTER_IP_RANGE = '10.96.0.0/16';

/** The argv of each component, in starting order. */
export function componentCommands(layout: ControlPlaneLayout): Readonly<Record<ComponentName, readonly string[]>> {
  const extra = (name: ComponentName): readonly string[] => layout.extraFlags[name] ?? [];
  return {
    etcd: [...etcdCommand(layout), ...extra('etcd')],
    'kube-apiserver': [...apiServerCommand(layout), ...extra('kube-apiserver')],
    'kube-controller-manager': [...controllerManagerCommand(layout), ...extra('kube-controller-manager')],
    'kube-scheduler': [...schedulerCommand(layout), ...extra('kube-scheduler')],
  };
}

function etcdCommand({ dir, binaries, address, ports }: ControlPlaneLayout): readonly string[] {
  const client = `http://${address}:${ports.etcdClient}`;
  const peer = `http://${address}:${ports.etcdPeer}`;
  return [
    binaries.etcd,
    '--name=test',
    `--data-dir=${join(dir, 'etcd')}`,
    `--listen-client-urls=${client}`,
    `--advertise-client-urls=${client}`,
    `--listen-peer-urls=${peer}`,
    `--initial-advertise-peer-urls=${peer}`,
    `--initial-cluster=test=${peer}`,
    // The data is thrown away: syncing it to the disk would only slow every write down.
    '--unsafe-no-fsync',
    '--quota-backend-bytes=8589934592',
  ];
}

function apiServerCommand({ dir, binaries, address, ports }: ControlPlaneLayout): readonly string[] {
  const path = (file: keyof typeof files): string => join(dir, files[file]);
  return [
    binaries.kubeApiserver,
    `--etcd-servers=http://${address}:${ports.etcdClient}`,
    `--bind-address=${address}`,
    `--advertise-address=${address}`,
    `--secure-port=${ports.apiServer}`,
    // The "kubernetes" Service would need an endpoint address that is not loopback; nobody uses it here.
    '--endpoint-reconciler-type=none',
    `--service-cluster-ip-range=${SERVICE_CLUSTER_IP_RANGE}`,
    '--authorization-mode=Node,RBAC',
    '--allow-privileged=true',
    `--client-ca-file=${path('clusterCa')}`,
    `--tls-cert-file=${path('apiServer')}`,
    `--tls-private-key-file=${path('apiServerKey')}`,
    `--kubelet-client-certificate=${path('kubeletClient')}`,
    `--kubelet-client-key=${path('kubeletClientKey')}`,
    '--kubelet-preferred-address-types=InternalIP',
    `--requestheader-client-ca-file=${path('frontProxyCa')}`,
    '--requestheader-allowed-names=front-proxy-client',
    '--requestheader-username-headers=X-Remote-User',
    '--requestheader-group-headers=X-Remote-Group',
    '--requestheader-extra-headers-prefix=X-Remote-Extra-',
    `--proxy-client-cert-file=${path('frontProxyClient')}`,
    `--proxy-client-key-file=${path('frontProxyClientKey')}`,
    '--service-account-issuer=https://kubernetes.default.svc',
    `--service-account-signing-key-file=${path('serviceAccountKey')}`,
    `--service-account-key-file=${path('serviceAccountPublicKey')}`,
  ];
}

function controllerManagerCommand(layout: ControlPlaneLayout): readonly string[] {
  const { dir, binaries, address, ports, controllers } = layout;
  const path = (file: keyof typeof files): string => join(dir, files[file]);
  return [
    binaries.kubeControllerManager,
    ...secureServing(address, ports.controllerManager),
    ...kubeconfigs(path('controllerManagerKubeconfig')),
    `--controllers=${controllers}`,
    // Each controller acts with the rights of its own service account; the shared user lacks most of them under RBAC.
    '--use-service-account-credentials=true',
    // With the default of 20 requests a second, asking for those credentials alone takes four seconds.
    '--kube-api-qps=500',
    '--kube-api-burst=1000',
    `--root-ca-file=${path('clusterCa')}`,
    `--service-account-private-key-file=${path('serviceAccountKey')}`,
    `--cluster-signing-cert-file=${path('clusterCa')}`,
    `--cluster-signing-key-file=${path('clusterCaKey')}`,
  ];
}

function schedulerCommand({ dir, binaries, address, ports }: ControlPlaneLayout): readonly string[] {
  return [
    binaries.kubeScheduler,
    ...secureServing(address, ports.scheduler),
    ...kubeconfigs(join(dir, files.schedulerKubeconfig)),
  ];
}

function secureServing(address: string, port: number): readonly string[] {
  return [`--bind-address=${address}`, `--secure-port=${port}`, '--leader-elect=false'];
}

function kubeconfigs(path: string): readonly string[] {
  return [`--kubeconfig=${path}`, `--authentication-kubeconfig=${path}`, `--authorization-kubeconfig=${path}`];
}
