// Pure and state: how autoscalers are edited in a soak, and whether each edit had its effect in time.
import { cpuUtilization } from '../test/support/workload-builders.ts';
import { autoscalerBounds, stabilizationSeconds } from './soak-objects.ts';

export interface Edit {
  /** What is merged into the autoscaler's spec. */
  readonly spec: object;
  readonly min: number;
  readonly max: number;
}

const { min: lowest, max: highest } = autoscalerBounds;
const targets = [50, 40, 60, 50, 45] as const;

/** The edits of one autoscaler follow each other in a round of four; `round` counts them. Every second forces another number of replicas. */
export function nextEdit(round: number, replicas: number): Edit {
  const target = targets[Math.floor(round / 4) % targets.length] ?? 50;
  switch (round % 4) {
    case 0:
      return edit(Math.min(highest, replicas + 2), highest, {});
    case 1:
      return edit(lowest, highest, { metrics: [cpuUtilization(target)] });
    case 2:
      return edit(lowest, Math.max(lowest, replicas - 1), {});
    default: {
      const stabilizationWindowSeconds =
        Math.floor(round / 4) % 2 === 0 ? stabilizationSeconds / 2 : stabilizationSeconds;
      return edit(lowest, highest, { behavior: { scaleDown: { stabilizationWindowSeconds } } });
    }
  }
}

function edit(min: number, max: number, more: object): Edit {
  return { min, max, spec: { minReplicas: min, maxReplicas: max, ...more } };
}

export interface EditsSeen {
  /** From each edit that forced another number of replicas to the moment when it was seen, in ms. */
  readonly obeyedAfterMs: readonly number[];
  /** Edits that had no effect in time. */
  readonly ignored: readonly string[];
}

interface Pending extends Edit {
  readonly atMs: number;
  /** Without it, replicas were within the bounds already. */
  readonly isForced: boolean;
  isLate: boolean;
}

/** Follows each edit until the replicas are within its bounds. Keys are `namespace/name`. */
export class EditLedger {
  readonly #withinMs: number;
  readonly #pending = new Map<string, Pending>();

  constructor(withinMs: number) {
    this.#withinMs = withinMs;
  }

  /** Whether an edit of it waits for its effect; another now would blur it. */
  isPending(key: string): boolean {
    return this.#pending.has(key);
  }

  edited(key: string, edit: Edit, replicas: number, nowMs: number): void {
    const isForced = replicas < edit.min || replicas > edit.max;
    this.#pending.set(key, { ...edit, atMs: nowMs, isForced, isLate: false });
  }

  /** What the Deployments say that was asked for at `askedAtMs`. */
  see(replicas: ReadonlyMap<string, number>, askedAtMs: number): EditsSeen {
    const obeyedAfterMs: number[] = [];
    const ignored: string[] = [];
    for (const [key, pending] of this.#pending) {
      const count = replicas.get(key);
      const afterMs = askedAtMs - pending.atMs;
      // A list from before the edit says nothing about it.
      if (count === undefined || afterMs < 0) continue;
      if (count >= pending.min && count <= pending.max) {
        if (pending.isForced) obeyedAfterMs.push(afterMs);
        this.#pending.delete(key);
      } else if (afterMs > this.#withinMs && !pending.isLate) {
        pending.isLate = true;
        ignored.push(`${key}: ${count} replicas ${afterMs} ms after ${pending.min} to ${pending.max} were asked for`);
      }
    }
    return { obeyedAfterMs, ignored };
  }
}
