// Edge: how a soak changes its cluster: pods and nodes straight in etcd, which the API server tells its watchers about; the rest through the API.
import { KubeConfig } from '@kubernetes/client-node';
import type { ControlPlane } from '../test/cluster/control-plane.ts';
import { SimApiClient } from '../test/cluster/sim/api-client.ts';
import type { StoredText } from './soak-objects.ts';

export interface ObjectName {
  readonly namespace: string;
  readonly name: string;
}

/** A Deployment's `.spec.replicas`, by `namespace/name`. */
export type Replicas = ReadonlyMap<string, number>;

const apps = '/apis/apps/v1';
const autoscaling = '/apis/autoscaling/v2';

export class SoakCluster implements AsyncDisposable {
  readonly #etcdUrl: string;
  readonly #api: SimApiClient;

  constructor({ etcdUrl, kubeconfigPath }: ControlPlane) {
    this.#etcdUrl = etcdUrl;
    const config = new KubeConfig();
    config.loadFromFile(kubeconfigPath);
    this.#api = new SimApiClient(config);
  }

  async put({ key, value }: StoredText): Promise<void> {
    await this.#etcd('put', { key: base64(key), value: base64(value) });
  }

  async remove(key: string): Promise<void> {
    await this.#etcd('deleterange', { key: base64(key) });
  }

  async createNamespace(name: string): Promise<void> {
    const body = { apiVersion: 'v1', kind: 'Namespace', metadata: { name } };
    await this.#api.request({ method: 'POST', path: '/api/v1/namespaces', body });
  }

  async createDeployment(namespace: string, body: object): Promise<void> {
    await this.#api.request({ method: 'POST', path: `${apps}/namespaces/${namespace}/deployments`, body });
  }

  async createAutoscaler(namespace: string, body: object): Promise<void> {
    const path = `${autoscaling}/namespaces/${namespace}/horizontalpodautoscalers`;
    await this.#api.request({ method: 'POST', path, body });
  }

  /** `spec` replaces what it names. */
  async editAutoscaler({ namespace, name }: ObjectName, spec: object): Promise<void> {
    await this.#merge(`${autoscaling}/namespaces/${namespace}/horizontalpodautoscalers/${name}`, { spec });
  }

  /** As the Deployment controller would write it when all pods are ready. */
  async setDeploymentStatus({ namespace, name }: ObjectName, replicas: number): Promise<void> {
    const status = { replicas, readyReplicas: replicas, availableReplicas: replicas, updatedReplicas: replicas };
    await this.#merge(`${apps}/namespaces/${namespace}/deployments/${name}/status`, { status });
  }

  async replicas(): Promise<Replicas> {
    const list = await this.#api.request<{
      readonly items: readonly { readonly metadata: ObjectName; readonly spec: { readonly replicas: number } }[];
    }>({ method: 'GET', path: `${apps}/deployments` });
    return new Map(list.items.map(({ metadata, spec }) => [`${metadata.namespace}/${metadata.name}`, spec.replicas]));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#api.close();
  }

  async #merge(path: string, body: object): Promise<void> {
    await this.#api.request({ method: 'PATCH', path, body, contentType: 'application/merge-patch+json' });
  }

  async #etcd(method: 'put' | 'deleterange', body: object): Promise<void> {
    const answer = await fetch(`${this.#etcdUrl}/v3/kv/${method}`, { method: 'POST', body: JSON.stringify(body) });
    const text = await answer.text();
    if (!answer.ok) throw new Error(`etcd answered ${answer.status} to ${method}: ${text.slice(0, 300)}`);
  }
}

function base64(text: string): string {
  return Buffer.from(text).toString('base64');
}
