// Edge: writes the keys, certificates and kubeconfigs of a control plane.
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type ControlPlaneLayout, files } from './components.ts';
import { renderKubeconfig } from './kubeconfig.ts';
import { type Authority, createAuthority, createSigningKeys, type KeyPairPem } from './pki.ts';

export interface Credentials {
  readonly clusterCa: Authority;
  readonly frontProxyCa: Authority;
  /** Client certificate of `kubernetes-admin` in system:masters. */
  readonly admin: KeyPairPem;
}

/** Creates everything that `componentCommands` points at, readable by the owner only. */
export async function writeControlPlaneFiles(layout: ControlPlaneLayout, serverUrl: string): Promise<Credentials> {
  const clusterCa = createAuthority('kubernetes');
  const frontProxyCa = createAuthority('front-proxy-ca');
  const signing = createSigningKeys();
  const client = (commonName: string, ...organizations: string[]): KeyPairPem =>
    clusterCa.issue({ commonName, organizations, usage: 'client' });
  const hosts = [
    'localhost',
    'kubernetes',
    'kubernetes.default',
    'kubernetes.default.svc',
    '127.0.0.1',
    layout.address,
  ];
  const apiServer = clusterCa.issue({ commonName: 'kube-apiserver', usage: 'server', hosts: [...new Set(hosts)] });
  const kubeletClient = client('kube-apiserver-kubelet-client', 'system:masters');
  const frontProxyClient = frontProxyCa.issue({ commonName: 'front-proxy-client', usage: 'client' });
  const admin = client('kubernetes-admin', 'system:masters');
  const kubeconfig = (user: KeyPairPem): string =>
    renderKubeconfig({ serverUrl, caPem: clusterCa.certificatePem, user });

  await mkdir(join(layout.dir, 'pki'), { recursive: true, mode: 0o700 });
  const contents: Record<keyof typeof files, string> = {
    clusterCa: clusterCa.certificatePem,
    clusterCaKey: clusterCa.keyPem,
    frontProxyCa: frontProxyCa.certificatePem,
    frontProxyClient: frontProxyClient.certificatePem,
    frontProxyClientKey: frontProxyClient.keyPem,
    apiServer: apiServer.certificatePem,
    apiServerKey: apiServer.keyPem,
    kubeletClient: kubeletClient.certificatePem,
    kubeletClientKey: kubeletClient.keyPem,
    serviceAccountKey: signing.privateKeyPem,
    serviceAccountPublicKey: signing.publicKeyPem,
    adminKubeconfig: kubeconfig(admin),
    controllerManagerKubeconfig: kubeconfig(client('system:kube-controller-manager')),
    schedulerKubeconfig: kubeconfig(client('system:kube-scheduler')),
  };
  const names = Object.keys(files) as (keyof typeof files)[];
  await Promise.all(names.map((name) => writeFile(join(layout.dir, files[name]), contents[name], { mode: 0o600 })));
  return { clusterCa, frontProxyCa, admin };
}
