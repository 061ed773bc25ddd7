// Flow: a real Kubernetes control plane on this machine, without nodes.
import { readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { type Binaries, ensureBinaries, type Progress } from './build.ts';
import { createClusterDirectory } from './cluster-directory.ts';
import { Component } from './component.ts';
import type { ControlPlaneLayout } from './components.ts';
import { type ComponentName, type ControlPlanePorts, componentCommands, componentNames, files } from './components.ts';
import { type Credentials, writeControlPlaneFiles } from './control-plane-files.ts';
import { renderKubeconfig } from './kubeconfig.ts';
import { reservePorts } from './ports.ts';
import { type ProbeAnswer, probe } from './probe.ts';
import { type CommandOptions, type CommandResult, runCommand } from './processes.ts';
import { controlPlaneTools } from './tools.ts';

const DEFAULT_SERVICE_ACCOUNT_TIMEOUT_MS = 30_000;
const POLL_MS = 50;

export interface ControlPlaneOptions {
  /** Whether kube-controller-manager runs its own HPA controller; `off` (the default) leaves HPAs to Headroom. */
  readonly hpaController?: 'off' | 'on';
  /** Replaces the whole --controllers list of kube-controller-manager, whatever `hpaController` says. */
  readonly controllers?: string;
  /** Flags appended to a component's own, such as `--horizontal-pod-autoscaler-sync-period=1s`. */
  readonly extraFlags?: Partial<Record<ComponentName, readonly string[]>>;
  /** Where its data goes; by default a new temporary folder. It is removed by `stop`. */
  readonly dir?: string;
  /** Built programs; by default `ensureBinaries` is asked. */
  readonly binaries?: Binaries;
  /** Takes lines for people: building, starting. */
  readonly progress?: Progress;
  /** Where it runs, when not on loopback; see real-node.ts. */
  readonly host?: ClusterHost;
}

/** The network that the components live in. */
interface ClusterHost {
  /** They listen on this address, and it must be reachable from this process. */
  readonly address: string;
  /** Put before every command line, such as an nsenter call. */
  readonly commandPrefix: readonly string[];
}

interface KubectlOptions extends CommandOptions {
  /** Another user than the administrator. */
  readonly kubeconfigPath?: string;
}

export interface ControlPlane extends AsyncDisposable {
  readonly dir: string;
  readonly binaries: Binaries;
  /** The administrator's kubeconfig. */
  readonly kubeconfigPath: string;
  /** https://address:port of kube-apiserver. */
  readonly serverUrl: string;
  readonly etcdUrl: string;
  readonly caPem: string;
  readonly frontProxyCaPem: string;
  /** The authorities and the administrator's certificate, to issue more from. */
  readonly credentials: Credentials;
  readonly ports: ControlPlanePorts;
  /** Runs kubectl as the administrator. A non-zero exit code is a result. */
  kubectl(args: readonly string[], options?: KubectlOptions): Promise<CommandResult>;
  /** A token of a service account, good for a day. */
  serviceAccountToken(namespace: string, name: string): Promise<string>;
  /** Writes a kubeconfig for a bearer token and returns its path. */
  kubeconfigForToken(token: string): Promise<string>;
  stopComponent(name: ComponentName): Promise<void>;
  /** Starts a component that was stopped, on the port and with the data it had; resolves when it is ready. */
  startComponent(name: ComponentName): Promise<void>;
  /** The components that run. */
  pids(): readonly { readonly name: ComponentName; readonly pid: number }[];
  /** All that a component has logged so far. */
  logs(name: ComponentName): Promise<string>;
  /** Ends all components and removes the data. May be called twice. */
  stop(): Promise<void>;
}

/** Starts etcd, kube-apiserver, kube-controller-manager and kube-scheduler; resolves when pods can be created. */
export async function startControlPlane(options: ControlPlaneOptions = {}): Promise<ControlPlane> {
  const progress = options.progress ?? (() => undefined);
  const binaries = options.binaries ?? (await ensureBinaries(progress, controlPlaneTools));
  const reserved = await reservePorts(5);
  const layout = createLayout(options, {
    dir: await createClusterDirectory(options.dir),
    binaries,
    ports: namePorts(reserved.ports),
  });
  const controlPlane = new RunningControlPlane(layout, reserved.release, options.host?.commandPrefix ?? []);
  try {
    await controlPlane.start({ waitForDefaultServiceAccount: options.controllers === undefined, progress });
  } catch (error) {
    await controlPlane.stop();
    throw error;
  }
  return controlPlane;
}

function createLayout(
  options: ControlPlaneOptions,
  made: Pick<ControlPlaneLayout, 'dir' | 'binaries' | 'ports'>,
): ControlPlaneLayout {
  return {
    ...made,
    address: options.host?.address ?? '127.0.0.1',
    controllers: options.controllers ?? defaultControllers(options.hpaController ?? 'off'),
    extraFlags: options.extraFlags ?? {},
  };
}

function namePorts(ports: readonly number[]): ControlPlanePorts {
  const [etcdClient = 0, etcdPeer = 0, apiServer = 0, controllerManager = 0, scheduler = 0] = ports;
  return { etcdClient, etcdPeer, apiServer, controllerManager, scheduler };
}

function defaultControllers(hpaController: 'off' | 'on'): string {
  return hpaController === 'on' ? '*' : '*,-horizontal-pod-autoscaler-controller';
}

class RunningControlPlane implements ControlPlane {
  readonly dir: string;
  readonly binaries: Binaries;
  readonly ports: ControlPlanePorts;
  readonly kubeconfigPath: string;
  readonly serverUrl: string;
  readonly etcdUrl: string;
  readonly #layout: ControlPlaneLayout;
  readonly #releasePorts: () => Promise<void>;
  readonly #components: Readonly<Record<ComponentName, Component>>;
  #credentials: Credentials | undefined;
  #kubeconfigsWritten = 0;

  constructor(layout: ControlPlaneLayout, releasePorts: () => Promise<void>, commandPrefix: readonly string[]) {
    this.dir = layout.dir;
    this.binaries = layout.binaries;
    this.ports = layout.ports;
    this.kubeconfigPath = join(layout.dir, files.adminKubeconfig);
    this.serverUrl = `https://${layout.address}:${layout.ports.apiServer}`;
    this.etcdUrl = `http://${layout.address}:${layout.ports.etcdClient}`;
    this.#layout = layout;
    this.#releasePorts = releasePorts;
    const commands = componentCommands(layout);
    const component = (name: ComponentName, isReady: () => Promise<boolean>): Component =>
      new Component({ name, command: [...commandPrefix, ...commands[name]], logPath: this.#logPath(name), isReady });
    const { address, ports } = layout;
    this.#components = {
      etcd: component('etcd', () => isOk(probe(`${this.etcdUrl}/readyz`))),
      'kube-apiserver': component('kube-apiserver', () => isOk(this.#get('/readyz'))),
      'kube-controller-manager': component('kube-controller-manager', () =>
        isOk(probe(`https://${address}:${ports.controllerManager}/healthz`)),
      ),
      'kube-scheduler': component('kube-scheduler', () => isOk(probe(`https://${address}:${ports.scheduler}/healthz`))),
    };
  }

  get credentials(): Credentials {
    if (this.#credentials === undefined) {
      throw new Error('BUG: the control plane has no credentials before it is started');
    }
    return this.#credentials;
  }

  get caPem(): string {
    return this.credentials.clusterCa.certificatePem;
  }

  get frontProxyCaPem(): string {
    return this.credentials.frontProxyCa.certificatePem;
  }

  async start(options: { waitForDefaultServiceAccount: boolean; progress: Progress }): Promise<void> {
    this.#credentials = await writeControlPlaneFiles(this.#layout, this.serverUrl);
    options.progress('starting etcd and kube-apiserver');
    await Promise.all([this.startComponent('etcd'), this.startComponent('kube-apiserver')]);
    options.progress('starting kube-controller-manager and kube-scheduler');
    await Promise.all([this.startComponent('kube-controller-manager'), this.startComponent('kube-scheduler')]);
    if (options.waitForDefaultServiceAccount) {
      await this.#waitForDefaultServiceAccount();
    }
  }

  kubectl(args: readonly string[], { kubeconfigPath, env, ...rest }: KubectlOptions = {}): Promise<CommandResult> {
    return runCommand([this.binaries.kubectl, ...args], {
      ...rest,
      // HOME holds kubectl's discovery cache: with one per cluster a reused port never shows another cluster's resources.
      env: { ...process.env, HOME: this.dir, KUBECONFIG: kubeconfigPath ?? this.kubeconfigPath, ...env },
    });
  }

  async serviceAccountToken(namespace: string, name: string): Promise<string> {
    const answer = await this.kubectl(['create', 'token', name, `--namespace=${namespace}`, '--duration=24h']);
    if (answer.code !== 0) {
      throw new Error(`creating a token of service account ${namespace}/${name}: ${answer.stderr.trim()}`);
    }
    return answer.stdout.trim();
  }

  async kubeconfigForToken(token: string): Promise<string> {
    this.#kubeconfigsWritten += 1;
    const path = join(this.dir, `token-${this.#kubeconfigsWritten}.kubeconfig`);
    const text = renderKubeconfig({ serverUrl: this.serverUrl, caPem: this.caPem, user: { token } });
    await writeFile(path, text, { mode: 0o600 });
    return path;
  }

  stopComponent(name: ComponentName): Promise<void> {
    return this.#components[name].stop();
  }

  startComponent(name: ComponentName): Promise<void> {
    return this.#components[name].start();
  }

  pids(): readonly { readonly name: ComponentName; readonly pid: number }[] {
    return componentNames.flatMap((name) => {
      const { pid } = this.#components[name];
      return pid === undefined ? [] : [{ name, pid }];
    });
  }

  async logs(name: ComponentName): Promise<string> {
    return readFile(this.#logPath(name), 'utf8');
  }

  async stop(): Promise<void> {
    // Clients before servers, so that nothing waits for connections to drain. Nobody needs the data any more, so the
    // servers get no time to save it.
    await Promise.all([this.#components['kube-scheduler'].stop(), this.#components['kube-controller-manager'].stop()]);
    await Promise.all([this.#components['kube-apiserver'].stop(0), this.#components.etcd.stop(0)]);
    await this.#releasePorts();
    await rm(this.dir, { recursive: true, force: true });
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.stop();
  }

  #logPath(name: ComponentName): string {
    return join(this.dir, `${name}.log`);
  }

  #get(path: string): Promise<ProbeAnswer | undefined> {
    const { clusterCa, admin } = this.credentials;
    const tls = { ca: clusterCa.certificatePem, cert: admin.certificatePem, key: admin.keyPem };
    return probe(`${this.serverUrl}${path}`, tls);
  }

  // A pod is refused until its namespace has this account, which kube-controller-manager creates shortly after it starts.
  async #waitForDefaultServiceAccount(): Promise<void> {
    const deadlineMs = Date.now() + DEFAULT_SERVICE_ACCOUNT_TIMEOUT_MS;
    while (!(await isOk(this.#get('/api/v1/namespaces/default/serviceaccounts/default')))) {
      if (Date.now() > deadlineMs) {
        throw new Error('kube-controller-manager created no default service account');
      }
      await sleep(POLL_MS);
    }
  }
}

async function isOk(answer: Promise<ProbeAnswer | undefined>): Promise<boolean> {
  return (await answer)?.status === 200;
}
