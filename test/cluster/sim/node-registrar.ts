// Edge: registers the simulated nodes and keeps their heartbeats going, so that the node lifecycle controller calls them ready.
import type { Clock } from '../../../src/lib/clock.ts';
import { errorMessage } from '../../../src/lib/errors.ts';
import type { Logger } from '../../../src/lib/logger.ts';
import { type SimApiClient, SimApiError } from './api-client.ts';
import { leaseNamespace, leaseObject, type NodeDescription, nodeObject, nodeStatus } from './node-object.ts';
import { wireMicroTime } from './wire-time.ts';

export interface NodeRegistrarDeps {
  readonly api: SimApiClient;
  readonly clock: Clock;
  readonly logger: Logger;
}

interface Registered {
  readonly description: NodeDescription;
  readonly readySinceMs: number;
  addressed: boolean;
  nextLeaseAtMs: number;
  nextStatusAtMs: number;
}

/** As kubelet's defaults: a lease every 10 s, an unchanged status every 5 minutes. */
const leaseEveryMs = 10_000;
const statusEveryMs = 300_000;
const lookEveryMs = 500;
const retryMs = 2000;
const parallel = 16;
const mergePatch = 'application/merge-patch+json';

export class NodeRegistrar {
  readonly #deps: NodeRegistrarDeps;
  readonly #nodes: Map<string, Registered>;

  constructor(deps: NodeRegistrarDeps, nodes: readonly NodeDescription[]) {
    this.#deps = deps;
    const nowMs = deps.clock.now();
    this.#nodes = new Map(
      nodes.map((description, index) => [
        description.name,
        {
          description,
          readySinceMs: nowMs,
          addressed: true,
          // Renewals are spread over the period, as those of kubelets that were started one after the other.
          nextLeaseAtMs: nowMs + leaseEveryMs * (0.5 + index / nodes.length / 2),
          nextStatusAtMs: nowMs + statusEveryMs * (0.5 + index / nodes.length / 2),
        },
      ]),
    );
  }

  /** Creates all Node and Lease objects, or brings those that exist to what they should be. */
  async register(signal: AbortSignal): Promise<void> {
    await inParallel([...this.#nodes.values()], (node) => this.#registerOne(node, signal));
  }

  /** Renews until the signal aborts. Never rejects. */
  async run(signal: AbortSignal): Promise<void> {
    const { clock } = this.#deps;
    while (!signal.aborted) {
      await clock.sleep(lookEveryMs, signal);
      const nowMs = clock.now();
      const due = [...this.#nodes.values()].filter(
        (node) => nowMs >= node.nextLeaseAtMs || nowMs >= node.nextStatusAtMs,
      );
      await inParallel(due, (node) => this.#heartbeat(node, signal));
    }
  }

  /** Gives a node its addresses, or takes them away. */
  async setAddressed(name: string, addressed: boolean, signal: AbortSignal): Promise<void> {
    const node = this.#nodes.get(name);
    if (node === undefined || node.addressed === addressed) return;
    node.addressed = addressed;
    await this.#patchStatus(node, signal);
  }

  async #registerOne(node: Registered, signal: AbortSignal): Promise<void> {
    const { api, clock } = this.#deps;
    const object = nodeObject(node.description, clock.now());
    const { name } = node.description;
    let created: { metadata: { uid: string } };
    try {
      created = await api.request({ method: 'POST', path: '/api/v1/nodes', body: object, signal });
    } catch (error) {
      if (!(error instanceof SimApiError) || error.status !== 409) throw error;
      const body = { metadata: object['metadata'] };
      created = await api.request({
        method: 'PATCH',
        path: `/api/v1/nodes/${name}`,
        body,
        contentType: mergePatch,
        signal,
      });
      await this.#patchStatus(node, signal);
    }
    await this.#createLease(name, created.metadata.uid, signal);
  }

  async #createLease(name: string, uid: string, signal: AbortSignal): Promise<void> {
    const { api, clock } = this.#deps;
    const body = leaseObject(name, uid, clock.now());
    try {
      await api.request({ method: 'POST', path: leasesPath, body, signal });
    } catch (error) {
      if (!(error instanceof SimApiError) || error.status !== 409) throw error;
      await this.#renewLease(name, signal);
    }
  }

  async #heartbeat(node: Registered, signal: AbortSignal): Promise<void> {
    const { clock, logger } = this.#deps;
    const { name } = node.description;
    const nowMs = clock.now();
    try {
      if (nowMs >= node.nextLeaseAtMs) {
        await this.#renewLease(name, signal);
        node.nextLeaseAtMs = nowMs + leaseEveryMs;
      }
      if (nowMs >= node.nextStatusAtMs) {
        await this.#patchStatus(node, signal);
        node.nextStatusAtMs = nowMs + statusEveryMs;
      }
    } catch (error) {
      if (signal.aborted) return;
      logger.debug('a heartbeat failed', { node: name, error: errorMessage(error) });
      node.nextLeaseAtMs = Math.max(node.nextLeaseAtMs, nowMs + retryMs);
      node.nextStatusAtMs = Math.max(node.nextStatusAtMs, nowMs + retryMs);
    }
  }

  async #renewLease(name: string, signal: AbortSignal): Promise<void> {
    const { api, clock } = this.#deps;
    const body = { spec: { renewTime: wireMicroTime(clock.now()) } };
    await api.request({ method: 'PATCH', path: `${leasesPath}/${name}`, body, contentType: mergePatch, signal });
  }

  async #patchStatus(node: Registered, signal: AbortSignal): Promise<void> {
    const { api, clock } = this.#deps;
    const { description, addressed, readySinceMs } = node;
    const path = `/api/v1/nodes/${description.name}/status`;
    // A merge patch replaces lists, so addresses that are gone do not stay behind.
    const body = { status: nodeStatus(description, { addressed, readySinceMs, nowMs: clock.now() }) };
    await api.request({ method: 'PATCH', path, body, contentType: mergePatch, signal });
  }
}

const leasesPath = `/apis/coordination.k8s.io/v1/namespaces/${leaseNamespace}/leases`;

/** Runs `work` on every item, a bounded number at a time. Rejects with the first failure. */
async function inParallel<Item>(items: readonly Item[], work: (item: Item) => Promise<void>): Promise<void> {
  const queue = items.values();
  const worker = async (): Promise<void> => {
    for (const item of queue) await work(item);
  };
  await Promise.all(Array.from({ length: Math.min(parallel, items.length) }, worker));
}
