// Kubelets without sockets for tests on a FakeClock: each node answers as its script says, and every request is remembered.
import type { Clock } from '../../src/lib/clock.ts';
import { HeadroomError } from '../../src/lib/errors.ts';
import type { FetchExposition } from '../../src/metrics/kubelet-client.ts';
import { bytes, expositionText, type NodeLines } from './exposition-text.ts';

/** A text to answer with, an error to fail with, or `hang`: no answer until the caller gives up. */
export type Script = string | Error | typeof hang;

export const hang = Symbol('hang');

export class ScriptedKubelets {
  readonly #clock: Clock;
  readonly #scripts = new Map<string, () => Script>();
  /** Host and time of each request. */
  readonly requests: { readonly host: string; readonly atMs: number }[] = [];
  inFlight = 0;
  mostInFlight = 0;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** From now on the kubelet at this host answers so; the function is asked for each request. */
  set(host: string, script: () => Script): void {
    this.#scripts.set(host, script);
  }

  requestTimes(host: string): number[] {
    return this.requests.filter((request) => request.host === host).map(({ atMs }) => atMs);
  }

  readonly fetchExposition: FetchExposition = async (target, cancellation, consume) => {
    const host = new URL(target.origin).hostname;
    this.requests.push({ host, atMs: this.#clock.now() });
    this.inFlight++;
    this.mostInFlight = Math.max(this.mostInFlight, this.inFlight);
    try {
      const script = this.#scripts.get(host)?.() ?? new HeadroomError('KUBELET_REQUEST', 'connection refused');
      if (script instanceof Error) throw script;
      if (script === hang) await new Promise<void>((resolve) => cancellation.onCancelled(resolve));
      if (script === hang || cancellation.isCancelled) {
        throw new HeadroomError('KUBELET_REQUEST', String(cancellation.reason), { cause: cancellation.reason });
      }
      await Promise.resolve();
      return consume(bytes(script));
    } finally {
      this.inFlight--;
    }
  };
}

/** A script that reports one pod of one container, sampled at the moment of the request, using one core. */
export function healthy(clock: Pick<Clock, 'now'>, pod: string, more: NodeLines = {}): () => Script {
  return () => {
    const timestampMs = clock.now();
    const cpuSeconds = 1000 + (timestampMs % 1e9) / 1000;
    return expositionText({ timestampMs, cpuSeconds, containers: [{ pod, timestampMs, cpuSeconds }], ...more });
  };
}
