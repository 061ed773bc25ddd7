// Edge: reads a kubeconfig file, or the service account of the pod that we run in.
import { accessSync, readFileSync } from 'node:fs';
import { dirname, isAbsolute, join } from 'node:path';
import { KubeConfig, loadYaml, type User } from '@kubernetes/client-node';
import { errorMessage, HeadroomError } from '../lib/errors.ts';

/**
 * The kubeconfig at `path`; undefined means the service account of the pod. Throws HeadroomError CONFIG_INVALID when it is missing,
 * is no kubeconfig, or names a context, cluster or user that it does not hold.
 */
export function loadKubeConfig(path: string | undefined): KubeConfig {
  const config = path === undefined ? loadFromServiceAccount() : loadFromFile(path);
  const cluster = config.getCurrentCluster();
  const where = path === undefined ? 'the service account' : `kubeconfig ${path}`;
  if (cluster === null) {
    throw invalid(`${where} has no cluster for its current-context "${config.getCurrentContext()}"`);
  }
  if (!URL.canParse(cluster.server)) throw invalid(`${where}: server "${cluster.server}" is not a URL`);
  addAnonymousUser(config);
  // client-node refuses plain HTTP unless told that there is no TLS to verify; `kubectl proxy` is such a server.
  if (cluster.server.startsWith('http:')) Object.assign(cluster, { skipTLSVerify: true });
  return config;
}

function loadFromFile(path: string): KubeConfig {
  const config = new KubeConfig();
  try {
    const text = readFileSync(path, 'utf8');
    config.loadFromFile(path);
    readTokenFiles(config, text, dirname(path));
  } catch (error) {
    throw invalid(`reading kubeconfig ${path}: ${errorMessage(error)}`, error);
  }
  return config;
}

function loadFromServiceAccount(): KubeConfig {
  const config = new KubeConfig();
  config.loadFromCluster();
  const { server = '', caFile = '' } = config.getCurrentCluster() ?? {};
  if (server.includes('undefined')) {
    throw invalid(
      'no --kubeconfig given, and unable to load in-cluster configuration: KUBERNETES_SERVICE_HOST and KUBERNETES_SERVICE_PORT must be defined',
    );
  }
  try {
    accessSync(caFile);
  } catch (error) {
    throw invalid(`no --kubeconfig given, and unable to load in-cluster configuration: ${errorMessage(error)}`, error);
  }
  return config;
}

/** client-node overlooks `tokenFile`, which client-go reads anew as it is rotated; its own name for that is an auth provider. */
function readTokenFiles(config: KubeConfig, text: string, directory: string): void {
  const { users } = loadYaml<{ users?: { name: string; user?: { tokenFile?: string } }[] }>(text);
  for (const { name, user } of users ?? []) {
    const tokenFile = user?.tokenFile;
    if (tokenFile === undefined || tokenFile === '') continue;
    const absolute = isAbsolute(tokenFile) ? tokenFile : join(directory, tokenFile);
    Object.assign(config.getUser(name) ?? {}, {
      token: undefined,
      authProvider: { name: 'tokenFile', config: { tokenFile: absolute } },
    });
  }
}

/** Without a user client-node drops the cluster's CA as well. */
function addAnonymousUser(config: KubeConfig): void {
  if (config.getCurrentUser() !== null) return;
  const context = config.getContextObject(config.getCurrentContext());
  if (context !== null && context.user !== undefined && context.user !== '') {
    throw invalid(`kubeconfig has no user "${context.user}", which its current-context names`);
  }
  const anonymous: User = { name: 'anonymous' };
  config.addUser(anonymous);
  Object.assign(context ?? {}, { user: anonymous.name });
}

function invalid(message: string, cause?: unknown): HeadroomError {
  return new HeadroomError('CONFIG_INVALID', message, { cause, retryable: false });
}
