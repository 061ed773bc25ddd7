// Edge: reads a kubeconfig, or the service account of the pod, without keeping in memory the library that does it.
import { execFile } from 'node:child_process';
import { execPath } from 'node:process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import type { Cluster, User } from '@kubernetes/client-node';
import { HeadroomError } from '../lib/errors.ts';
import { FileKubeAccess, type KubeAccess, needsPlugin } from './kube-access.ts';
import type { KubeConfigReport } from './kube-config-program.ts';

const program = fileURLToPath(new URL('kube-config-program.ts', import.meta.url));
const run = promisify(execFile);

/**
 * Reads the kubeconfig at `path`; undefined means the service account of the pod. @kubernetes/client-node takes some 80 MB for as long as a process
 * lives, so a process of its own loads it, reads, and ends. Where it has to stay, because credentials come from a plugin, or where no
 * process can be started, it is loaded here. Throws HeadroomError CONFIG_INVALID as loadKubeConfig does.
 */
export async function readKubeAccess(path: string | undefined): Promise<KubeAccess> {
  const report = await readElsewhere(path);
  if (report === undefined) return await loadHere(path);
  if ('failure' in report) throw new HeadroomError('CONFIG_INVALID', report.failure, { retryable: false });
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- our own program has just written them from objects of these types
  const [cluster, user] = [report.cluster as Cluster, report.user as User];
  return needsPlugin(user) ? await loadHere(path) : new FileKubeAccess(cluster, user);
}

async function readElsewhere(path: string | undefined): Promise<KubeConfigReport | undefined> {
  try {
    const { stdout } = await run(execPath, [program, path ?? '']);
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- as above
    return JSON.parse(stdout) as KubeConfigReport;
  } catch {
    return undefined;
  }
}

async function loadHere(path: string | undefined): Promise<KubeAccess> {
  const { loadKubeConfig } = await import('./kube-config.ts');
  return loadKubeConfig(path);
}
