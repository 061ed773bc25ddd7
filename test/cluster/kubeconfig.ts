// Pure: a kubeconfig file's text for one user of one cluster.
import { stringify } from 'yaml';

export interface KubeconfigInput {
  readonly serverUrl: string;
  readonly caPem: string;
  /** Name of the cluster and context shown by kubectl. */
  readonly name?: string;
  /** Client certificate and key in PEM, or a bearer token. */
  readonly user: { readonly certificatePem: string; readonly keyPem: string } | { readonly token: string };
}

export function renderKubeconfig({ serverUrl, caPem, name = 'headroom-test', user }: KubeconfigInput): string {
  const credentials =
    'token' in user
      ? { token: user.token }
      : {
          'client-certificate-data': base64(user.certificatePem),
          'client-key-data': base64(user.keyPem),
        };
  return stringify({
    apiVersion: 'v1',
    kind: 'Config',
    clusters: [{ name, cluster: { server: serverUrl, 'certificate-authority-data': base64(caPem) } }],
    users: [{ name, user: credentials }],
    contexts: [{ name, context: { cluster: name, user: name } }],
    'current-context': name,
  });
}

function base64(text: string): string {
  return Buffer.from(text).toString('base64');
}
