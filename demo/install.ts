// Flow: what a user would apply: config/, and the example.
import { fileURLToPath } from 'node:url';
import type { ControlPlane } from '../test/cluster/control-plane.ts';
import { type Example, withPort } from './manifests.ts';

const overlay = fileURLToPath(new URL('../config/overlays/test', import.meta.url));

/** CRD, RBAC, Service and APIService of config/, leading to Headroom's port on the control plane's own host. */
export async function applyConfig(controlPlane: ControlPlane, port: number): Promise<void> {
  const rendered = await mustKubectl(controlPlane, ['kustomize', overlay]);
  await mustKubectl(controlPlane, ['apply', '-f', '-'], withPort(rendered, port));
}

export async function applyExample(controlPlane: ControlPlane, { manifest }: Example): Promise<void> {
  await mustKubectl(controlPlane, ['apply', '--namespace=default', '-f', '-'], JSON.stringify(manifest));
}

async function mustKubectl(controlPlane: ControlPlane, args: readonly string[], input?: string): Promise<string> {
  const answer = await controlPlane.kubectl(args, input === undefined ? {} : { input });
  if (answer.code !== 0) throw new Error(`kubectl ${args.join(' ')}: ${answer.stderr.trim()}`);
  return answer.stdout;
}
