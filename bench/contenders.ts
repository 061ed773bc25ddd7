// Flow: starts one of the two programs that are compared, each with the flags of its own manifests.
import { existsSync } from 'node:fs';
import { readFile, symlink } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type GuardedProcess, lastLines, runCommand, spawnGuarded } from '../test/cluster/processes.ts';
import { deploymentArguments, nodeFlags, referenceAccount } from './manifests.ts';
import type { ContenderName } from './options.ts';
import { apiQps, type Stage } from './stage.ts';

const root = fileURLToPath(new URL('..', import.meta.url));
const stripProgram = join(root, 'scripts/strip-types.ts');
const deployment = fileURLToPath(new URL('../config/base/deployment.yaml', import.meta.url));
const dockerfile = fileURLToPath(new URL('../Dockerfile', import.meta.url));
const headroomAccount = { namespace: 'headroom-system', name: 'headroom' };
/** A pod's grace period. */
const stopTimeoutMs = 30_000;

export interface Contender {
  readonly name: ContenderName;
  /** What it says of itself, or the commit that it was started from. */
  readonly version: string;
  readonly pid: number;
  readonly startedAtMs: number;
  /** Throws, with the end of its log, when it has ended. */
  check(): void;
  /** How long it took to end after SIGTERM, in milliseconds. */
  stop(): Promise<number>;
}

/** Resolves as soon as the process exists. `inspectPort` opens Node's inspector there; only for Headroom. */
export async function startContender(name: ContenderName, stage: Stage, inspectPort?: number): Promise<Contender> {
  const command = name === 'reference' ? await referenceCommand(stage) : await headroomCommand(stage, inspectPort);
  const version = await versionOf(name, stage);
  const logPath = join(stage.controlPlane.dir, `${name}.log`);
  const env = {
    ...process.env,
    NODE_ENV: 'production',
    POD_NAME: 'headroom-bench',
    POD_NAMESPACE: headroomAccount.namespace,
  };
  const startedAtMs = Date.now();
  const child = await spawnGuarded(command, { logPath, env });
  return {
    name,
    version,
    pid: child.pid,
    startedAtMs,
    check: () => check(name, child, logPath),
    stop: async () => {
      const askedAtMs = Date.now();
      await child.stop(stopTimeoutMs);
      return Date.now() - askedAtMs;
    },
  };
}

function check(name: string, child: GuardedProcess, logPath: string): void {
  if (child.exited === undefined) return;
  throw new Error(`${name} ended with exit code ${child.exited.code}. The end of its log:\n${lastLines(logPath, 15)}`);
}

async function versionOf(name: ContenderName, { controlPlane }: Stage): Promise<string> {
  const command =
    name === 'reference'
      ? [controlPlane.binaries.metricsServer, '--version']
      : ['git', 'describe', '--always', '--dirty'];
  const answer = await runCommand(command, { cwd: import.meta.dirname }).catch(() => undefined);
  return answer?.stdout.trim() ?? 'unknown';
}

async function referenceCommand(stage: Stage): Promise<readonly string[]> {
  const kubeconfig = await kubeconfigOf(stage, referenceAccount);
  return [
    stage.controlPlane.binaries.metricsServer,
    // The arguments of its manifests, release v0.9.0.
    '--kubelet-preferred-address-types=InternalIP,ExternalIP,Hostname',
    '--kubelet-use-node-status-port',
    '--metric-resolution=15s',
    ...placeFlags('reference', stage, kubeconfig),
  ];
}

async function headroomCommand(stage: Stage, inspectPort: number | undefined): Promise<readonly string[]> {
  return [
    process.execPath,
    ...(inspectPort === undefined ? [] : [`--inspect=127.0.0.1:${inspectPort}`]),
    ...nodeFlags(await readFile(dockerfile, 'utf8')),
    await programAsInImage(stage.controlPlane.dir),
    ...deploymentArguments(await readFile(deployment, 'utf8')),
    `--kube-api-qps=${apiQps}`,
    `--kube-api-burst=${2 * apiQps}`,
    `--state-dir=${join(stage.controlPlane.dir, 'headroom-state')}`,
    ...placeFlags('headroom', stage, await kubeconfigOf(stage, headroomAccount)),
  ];
}

/** This checkout's program without its types, made once. The types are not stripped as they are for tests because that costs memory. */
async function programAsInImage(dir: string): Promise<string> {
  const main = join(dir, 'src', 'main.js');
  if (existsSync(main)) return main;
  // As the image's build does, but without Node's warning between the lines of progress.
  const command = [process.execPath, '--disable-warning=ExperimentalWarning', stripProgram, join(dir, 'src')];
  const { code, stderr } = await runCommand(command);
  if (code !== 0) throw new Error(`types could not be stripped: ${stderr.trim()}`);
  for (const name of ['package.json', 'node_modules']) await symlink(join(root, name), join(dir, name));
  return main;
}

/** What differs from a pod in a cluster: where it listens, and where credentials and trust come from. Later flags win. */
function placeFlags(name: ContenderName, stage: Stage, kubeconfig: string): readonly string[] {
  return [
    `--kubeconfig=${kubeconfig}`,
    `--authentication-kubeconfig=${kubeconfig}`,
    `--authorization-kubeconfig=${kubeconfig}`,
    `--kubelet-certificate-authority=${stage.kubelets.caFile}`,
    '--bind-address=127.0.0.1',
    `--secure-port=${stage.servingPort}`,
    `--cert-dir=${join(stage.controlPlane.dir, `${name}-certificates`)}`,
  ];
}

async function kubeconfigOf(
  { controlPlane }: Stage,
  account: { readonly namespace: string; readonly name: string },
): Promise<string> {
  return controlPlane.kubeconfigForToken(await controlPlane.serviceAccountToken(account.namespace, account.name));
}
