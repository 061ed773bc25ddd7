// Edge: when the replicas of Deployments change, seen by a watch.
import { setTimeout as sleep } from 'node:timers/promises';
import type { ApiReader } from './api-reader.ts';
import type { BenchApp } from './shape.ts';

export interface Deployment {
  readonly metadata: { readonly namespace: string; readonly name: string; readonly resourceVersion: string };
  readonly spec: { readonly replicas: number };
}

export interface Reactions {
  /** For each app from its step to the change of its replicas; for those that did not change in time, to the end of the wait. */
  readonly seconds: readonly number[];
  /** How many did not. */
  readonly unscaled: number;
}

export const deploymentsPath = '/apis/apps/v1/deployments';
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
    const list = await api.get<{ metadata: { resourceVersion: string }; items: readonly Deployment[] }>(
      deploymentsPath,
    );
    for (const { metadata, spec } of list.items) watch.#replicas.set(keyOf(metadata), spec.replicas);
    await api.watch<Deployment>(
      deploymentsPath,
      list.metadata.resourceVersion,
      ({ object }) => watch.#seen(object),
      signal,
    );
    return watch;
  }

  /** The app's usage has changed just now. */
  stepped(app: BenchApp): void {
    this.#steppedAtMs.set(keyOf(app), performance.now());
  }

  /** Waits until all are scaled, but no longer than that. Throws when none was. */
  async untilScaled(apps: readonly BenchApp[], timeoutMs: number, signal: AbortSignal): Promise<Reactions> {
    const deadlineMs = performance.now() + timeoutMs;
    let waiting = apps;
    for (;;) {
      waiting = waiting.filter((app) => !this.#scaledAtMs.has(keyOf(app)));
      if (waiting.length === 0 || performance.now() > deadlineMs) break;
      await sleep(pollMs, undefined, { signal });
    }
    if (waiting.length === apps.length) throw new Error(`none of ${apps.length} apps was scaled in ${timeoutMs} ms`);
    const endMs = performance.now();
    const seconds = apps.map(
      (app) => ((this.#scaledAtMs.get(keyOf(app)) ?? endMs) - (this.#steppedAtMs.get(keyOf(app)) ?? 0)) / 1000,
    );
    return { seconds, unscaled: waiting.length };
  }

  #seen({ metadata, spec }: Deployment): void {
    const key = keyOf(metadata);
    const before = this.#replicas.get(key);
    this.#replicas.set(key, spec.replicas);
    if (before === spec.replicas || !this.#steppedAtMs.has(key) || this.#scaledAtMs.has(key)) return;
    this.#scaledAtMs.set(key, performance.now());
  }
}
