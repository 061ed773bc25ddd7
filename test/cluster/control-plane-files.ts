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
  const contents: readonly (readonly [path: string, text: string])[] = [
    [files.clusterCa, clusterCa.certificatePem],
    [files.clusterCaKey, clusterCa.keyPem],
    [files.frontProxyCa, frontProxyCa.certificatePem],
    [files.frontProxyClient, frontProxyClient.certificatePem],
    [files.frontProxyClientKey, frontProxyClient.keyPem],
    [files.apiServer, apiServer.certificatePem],
    [files.apiServerKey, apiServer.keyPem],
    [files.kubeletClient, kubeletClient.certificatePem],
    [files.kubeletClientKey, kubeletClient.keyPem],
    [files.serviceAccountKey, signing.privateKeyPem],
    [files.serviceAccountPublicKey, signing.publicKeyPem],
    [files.adminKubeconfig, kubeconfig(admin)],
    [files.controllerManagerKubeconfig, kubeconfig(client('system:kube-controller-manager'))],
    [files.schedulerKubeconfig, kubeconfig(client('system:kube-scheduler'))],
  ];
  await Promise.all(contents.map(([path, text]) => writeFile(join(layout.dir, path), text, { mode: 0o600 })));
  return { clusterCa, frontProxyCa, admin };
}
