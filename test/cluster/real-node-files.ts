// Edge: the configuration of containerd, CNI and kubelet for a real node.
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { stringify } from 'yaml';
import { files } from './components.ts';
import type { ControlPlane } from './control-plane.ts';
import { renderKubeconfig } from './kubeconfig.ts';

export const PAUSE_IMAGE = 'headroom.test/pause:1';

const POD_SUBNET = '10.244.0.0/24';

export interface RealNodeLayout {
  /** Everything of the node lies below it. */
  readonly dir: string;
  readonly nodeName: string;
  readonly nodeAddress: string;
  readonly kubeletPort: number;
  readonly cgroupPath: string;
  /** Where the CNI plugins are. */
  readonly cniBinDirectory: string;
}

export interface RealNodePaths {
  readonly containerdConfig: string;
  readonly containerdSocket: string;
  readonly kubeletConfig: string;
  readonly kubeletKubeconfig: string;
  readonly kubeletRoot: string;
}

export function realNodePaths({ dir }: Pick<RealNodeLayout, 'dir'>): RealNodePaths {
  return {
    containerdConfig: join(dir, 'containerd.toml'),
    containerdSocket: join(dir, 'containerd.sock'),
    kubeletConfig: join(dir, 'kubelet.yaml'),
    kubeletKubeconfig: join(dir, 'kubelet.kubeconfig'),
    kubeletRoot: join(dir, 'kubelet'),
  };
}

/** Writes all of them, with a serving and a client certificate for kubelet from the cluster CA. */
export async function writeRealNodeFiles(layout: RealNodeLayout, controlPlane: ControlPlane): Promise<void> {
  const paths = realNodePaths(layout);
  const { clusterCa } = controlPlane.credentials;
  const serving = clusterCa.issue({
    commonName: layout.nodeName,
    usage: 'server',
    hosts: [layout.nodeName, layout.nodeAddress],
  });
  // The Node authorizer knows a kubelet by this name and group.
  const client = clusterCa.issue({
    commonName: `system:node:${layout.nodeName}`,
    organizations: ['system:nodes'],
    usage: 'client',
  });
  await mkdir(join(layout.dir, 'cni'), { recursive: true });
  await mkdir(paths.kubeletRoot, { recursive: true });
  const contents: readonly (readonly [path: string, text: string])[] = [
    [paths.containerdConfig, renderContainerdConfig(layout)],
    [join(layout.dir, 'cni', '10-bridge.conflist'), JSON.stringify(cniConfig(layout))],
    [join(layout.dir, 'resolv.conf'), ''],
    [join(layout.dir, 'kubelet.crt'), serving.certificatePem],
    [join(layout.dir, 'kubelet.key'), serving.keyPem],
    [paths.kubeletConfig, stringify(kubeletConfig(layout, controlPlane))],
    [
      paths.kubeletKubeconfig,
      renderKubeconfig({ serverUrl: controlPlane.serverUrl, caPem: controlPlane.caPem, user: client }),
    ],
  ];
  await Promise.all(contents.map(([path, text]) => writeFile(path, text, { mode: 0o600 })));
}

function renderContainerdConfig(layout: RealNodeLayout): string {
  const cri = 'plugins."io.containerd.grpc.v1.cri"';
  return `version = 2
root = "${join(layout.dir, 'containerd-root')}"
state = "${join(layout.dir, 'containerd-state')}"

[grpc]
  address = "${realNodePaths(layout).containerdSocket}"

[${cri}]
  sandbox_image = "${PAUSE_IMAGE}"
  # Without CAP_SYS_RESOURCE a lower score than the own cannot be set, and every pod sandbox would fail.
  restrict_oom_score_adj = true
  disable_apparmor = true
  netns_mounts_under_state_dir = true

[${cri}.containerd.runtimes.runc]
  runtime_type = "io.containerd.runc.v2"

[${cri}.cni]
  bin_dir = "${layout.cniBinDirectory}"
  conf_dir = "${join(layout.dir, 'cni')}"
`;
}

function cniConfig({ dir }: RealNodeLayout): object {
  return {
    cniVersion: '1.0.0',
    name: 'bridge',
    plugins: [
      {
        type: 'bridge',
        bridge: 'cni0',
        isGateway: true,
        ipam: {
          type: 'host-local',
          dataDir: join(dir, 'cni-addresses'),
          ranges: [[{ subnet: POD_SUBNET }]],
          routes: [{ dst: '0.0.0.0/0' }],
        },
      },
    ],
  };
}

function kubeletConfig(layout: RealNodeLayout, controlPlane: ControlPlane): object {
  return {
    apiVersion: 'kubelet.config.k8s.io/v1beta1',
    kind: 'KubeletConfiguration',
    address: layout.nodeAddress,
    port: layout.kubeletPort,
    healthzPort: 0,
    containerRuntimeEndpoint: `unix://${realNodePaths(layout).containerdSocket}`,
    authentication: {
      anonymous: { enabled: false },
      webhook: { enabled: true },
      x509: { clientCAFile: join(controlPlane.dir, files.clusterCa) },
    },
    authorization: { mode: 'Webhook' },
    tlsCertFile: join(layout.dir, 'kubelet.crt'),
    tlsPrivateKeyFile: join(layout.dir, 'kubelet.key'),
    resolvConf: join(layout.dir, 'resolv.conf'),
    volumePluginDir: join(layout.dir, 'volume-plugins'),
    podLogsDir: join(layout.dir, 'pod-logs'),
    cgroupDriver: 'cgroupfs',
    cgroupRoot: layout.cgroupPath,
    // This machine may have cgroups of version 1 and swap; the test is not about either.
    failCgroupV1: false,
    failSwapOn: false,
    localStorageCapacityIsolation: false,
    enforceNodeAllocatable: [],
    makeIPTablesUtilChains: false,
    // A full disk of the developer's is no reason to evict pods.
    evictionHard: { 'memory.available': '100Mi' },
  };
}
