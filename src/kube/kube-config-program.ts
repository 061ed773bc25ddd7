// Edge: a program of its own that reads a kubeconfig and prints what is in it as JSON. kube-access-reader.ts starts it.
import { argv } from 'node:process';
import { errorMessage } from '../lib/errors.ts';
import { loadKubeConfig } from './kube-config.ts';

/** What it prints. */
export type KubeConfigReport =
  | { readonly cluster: unknown; readonly user: unknown }
  /** Why it cannot be used. */
  | { readonly failure: string };

function report(path: string): KubeConfigReport {
  try {
    const kubeConfig = loadKubeConfig(path || undefined);
    return { cluster: kubeConfig.getCurrentCluster(), user: kubeConfig.getCurrentUser() };
  } catch (error) {
    return { failure: errorMessage(error) };
  }
}

// oxlint-disable-next-line no-console -- its standard output is its answer
console.log(JSON.stringify(report(argv[2] ?? '')));
