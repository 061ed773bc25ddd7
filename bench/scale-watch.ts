// Edge: when the replicas of Deployments change, seen by a watch.
import { setTimeout as sleep } from 'node:timers/promises';
import type { ApiReader } from './api-reader.ts';
import type { BenchApp } from './shape.ts';

interface Deployment {
  readonly metadata: { readonly namespace: string; readonly name: string; readonly resourceVersion: string };
  readonly spec: { readonly replicas: number };
}

const path = '/apis/apps/v1/deployments';
const pollMs = 50;

const keyOf = ({ namespace, name }: { readonly namespace: string; readonly name: string }): string =>
  `${namespace}/${name}`;

export class ScaleWatch {
  readonly #replicas = new Map<string, number>();
  readonly #steppedAtMs = new Map<string, number>();
  /** The first change after the step. */
  readonly #scaledAtMs = new Map<string, number>();

  static async start(api: ApiReader, signal: AbortSignal): Promise<ScaleWatch> {
    const watch = new ScaleWatch();
    const list = await api.get<{ metadata: { resourceVersion: string }; items: readonly Deployment[] }>(path);
    for (const { metadata, spec } of list.items) watch.#replicas.set(keyOf(metadata), spec.replicas);
    await api.watch<Deployment>(path, list.metadata.resourceVersion, ({ object }) => watch.#seen(object), signal);
    return watch;
  }

  /** The app's usage has changed just now. */
  stepped(app: BenchApp): void {
    this.#steppedAtMs.set(keyOf(app), performance.now());
  }

  /** For each app the seconds from its step to the change of its replicas. Throws when some do not change in time. */
  async secondsUntilScaled(
    apps: readonly BenchApp[],
    timeoutMs: number,
    signal: AbortSignal,
  ): Promise<readonly number[]> {
    const deadlineMs = performance.now() + timeoutMs;
    let waiting = apps;
    for (;;) {
      waiting = waiting.filter((app) => !this.#scaledAtMs.has(keyOf(app)));
      if (waiting.length === 0) break;
      if (performance.now() > deadlineMs) {
        const some = waiting.slice(0, 3).map(keyOf).join(', ');
        throw new Error(`${waiting.length} of ${apps.length} apps were not scaled: ${some}`);
      }
      await sleep(pollMs, undefined, { signal });
    }
    return apps.map(
      (app) => ((this.#scaledAtMs.get(keyOf(app)) ?? 0) - (this.#steppedAtMs.get(keyOf(app)) ?? 0)) / 1000,
    );
  }

  #seen({ metadata, spec }: Deployment): void {
    const key = keyOf(metadata);
    const before = this.#replicas.get(key);
    this.#replicas.set(key, spec.replicas);
    if (before === spec.replicas || !this.#steppedAtMs.has(key) || this.#scaledAtMs.has(key)) return;
    this.#scaledAtMs.set(key, performance.now());
  }
}
