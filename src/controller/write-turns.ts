// Flow: which autoscalers may write now, when the rate limit of the API client has less than all want. docs/autoscaling.md 4.4.
//
// Nobody waits here holding a decision, or a worker: an autoscaler that cannot write yet stands in line, goes on being looked at, and is looked at once
// more when its turn has come. What is written then was decided then.
import type { Autoscaler } from '../crd/types.ts';
import type { Priority, RequestBudget } from '../kube/types.ts';
import type { Clock } from '../lib/clock.ts';
import type { Decision } from './decide/types.ts';
import { statusChange } from './status-change.ts';
import { StatusRounds } from './status-rounds.ts';

/** Requests that go together. */
export interface WriteNeed {
  readonly requests: number;
  readonly priority: Priority;
}

/** What a decision has to send. `values`: new values of metrics, which may as well be left to a later sync. */
export type Wish = 'nothing' | 'values' | WriteNeed;

/** `wait`: it stands in line, and is looked at again when it is called. `leave-out`: as if there were nothing to be written. */
export type Grant = 'go' | 'wait' | 'leave-out';

/** Too few pods harm whoever uses them, too many only cost; so scaling up goes first. */
export function wishOf(autoscaler: Autoscaler, decision: Decision): Wish {
  if (decision.kind === 'scale') {
    const isUp = decision.desiredReplicas > decision.currentReplicas;
    // The scale and the status that tells of it, or a successor would not know when replicas changed.
    return { requests: 2, priority: isUp ? 'urgent' : 'write' };
  }
  const change = statusChange(autoscaler, decision.status);
  if (change === 'news') return { requests: 1, priority: 'write' };
  return change === 'none' ? 'nothing' : 'values';
}

interface Ticket {
  readonly need: WriteNeed;
  readonly leave: AbortController;
  /** Its requests are paid for. */
  isCalled: boolean;
}

export interface WriteTurnsOptions {
  readonly clock: Clock;
  readonly syncPeriodMs: number;
  readonly budget: RequestBudget;
  /** The turn of this autoscaler has come: look at it. */
  onTurn(key: string): void;
}

export class WriteTurns {
  readonly #options: WriteTurnsOptions;
  readonly #tickets = new Map<string, Ticket>();
  readonly #rounds: StatusRounds;

  constructor(options: WriteTurnsOptions) {
    this.#options = options;
    this.#rounds = new StatusRounds(options.syncPeriodMs);
  }

  /** How many autoscalers wait for their turn. */
  get waiting(): number {
    return this.#tickets.size;
  }

  /** Whether an autoscaler stands in line, or has been called. */
  isInLine(key: string): boolean {
    return this.#tickets.has(key);
  }

  /** What is sent after `go` is prepaid. */
  ask(key: string, wish: Wish): Grant {
    if (wish === 'values') return this.#askForValues(key);
    if (wish === 'nothing') this.leave(key);
    else if (!this.#askFor(key, wish)) return 'wait';
    this.#rounds.settled(key);
    return 'go';
  }

  #askForValues(key: string): Grant {
    const { budget, clock } = this.#options;
    this.leave(key);
    return this.#rounds.allows(key, budget.hasRoom, clock.monotonic()) && budget.tryAcquire(1) ? 'go' : 'leave-out';
  }

  #askFor(key: string, need: WriteNeed): boolean {
    const ticket = this.#tickets.get(key);
    if (ticket?.isCalled === true && ticket.need.requests >= need.requests) {
      this.#tickets.delete(key);
      this.#options.budget.giveBack(ticket.need.requests - need.requests);
      return true;
    }
    if (ticket !== undefined && isSame(ticket.need, need)) return false;
    this.leave(key);
    if (this.#options.budget.tryAcquire(need.requests)) return true;
    void this.#standInLine(key, need);
    return false;
  }

  /** It gives up its place in line, or what was paid for. */
  leave(key: string): void {
    const ticket = this.#tickets.get(key);
    if (ticket === undefined) return;
    this.#tickets.delete(key);
    if (ticket.isCalled) this.#options.budget.giveBack(ticket.need.requests);
    else ticket.leave.abort();
  }

  /** The autoscaler is gone, or somebody else's. */
  delete(key: string): void {
    this.leave(key);
    this.#rounds.delete(key);
  }

  /** Ends all waiting. */
  close(): void {
    for (const key of this.#tickets.keys()) this.leave(key);
  }

  async #standInLine(key: string, need: WriteNeed): Promise<void> {
    const ticket: Ticket = { need, leave: new AbortController(), isCalled: false };
    this.#tickets.set(key, ticket);
    try {
      await this.#options.budget.acquire(need.priority, ticket.leave.signal, need.requests);
    } catch {
      return;
    }
    // Left just when it was called.
    if (this.#tickets.get(key) !== ticket) {
      this.#options.budget.giveBack(need.requests);
      return;
    }
    ticket.isCalled = true;
    this.#options.onTurn(key);
  }
}

function isSame(a: WriteNeed, b: WriteNeed): boolean {
  return a.requests === b.requests && a.priority === b.priority;
}
