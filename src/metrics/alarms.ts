// Flow: calls whoever waits for an instant, all of them with one timer.
import { type Timer, TimerHeap } from '../kube/timer-heap.ts';
import type { Clock } from '../lib/clock.ts';

/** A call to come, on the monotonic time line. */
export interface Alarm extends Timer {
  /** undefined: it rang, or was cancelled. Set by Alarms only. */
  ring: (() => void) | undefined;
}

/**
 * For scrapes that begin and deadlines of scrapes, two for each scrape: all that is due at one time shares a wake-up, and one that is cancelled has
 * cost neither a timer nor a signal. A cancelled alarm is remembered until it would have rung, or everything was cancelled.
 */
export class Alarms {
  readonly #clock: Clock;
  #alarms = new TimerHeap<Alarm>();
  #set = 0;
  #isRinging = false;
  /** Ends the sleep until the next alarm. */
  #rouse = new AbortController();
  #sleepsUntilMs = Number.POSITIVE_INFINITY;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Calls `ring` at that instant of the monotonic time line, at the next turn if it is over. Must not throw. */
  at(dueAtMs: number, ring: () => void): Alarm {
    const alarm: Alarm = { dueAtMs, ring };
    this.#alarms.push(alarm);
    this.#set++;
    if (!this.#isRinging) void this.#ringAll();
    else if (dueAtMs < this.#sleepsUntilMs) this.#rouse.abort();
    return alarm;
  }

  /** The same, so long from now. */
  after(ms: number, ring: () => void): Alarm {
    return this.at(this.#clock.monotonic() + ms, ring);
  }

  /** One that rang is let be. */
  cancel(alarm: Alarm): void {
    if (alarm.ring === undefined) return;
    alarm.ring = undefined;
    this.#set--;
    // Nothing may keep a program that ends from ending.
    if (this.#set === 0) this.#rouse.abort();
  }

  /** Until none is set. */
  async #ringAll(): Promise<void> {
    this.#isRinging = true;
    for (let next = this.#first(); next !== undefined; next = this.#first()) {
      await this.#sleepUntil(next.dueAtMs);
      this.#ringDue();
    }
    this.#isRinging = false;
  }

  async #sleepUntil(dueAtMs: number): Promise<void> {
    if (this.#rouse.signal.aborted) this.#rouse = new AbortController();
    this.#sleepsUntilMs = dueAtMs;
    // Timers count whole milliseconds: one that is asked for less wakes up too early, and then once more.
    await this.#clock.sleep(Math.ceil(dueAtMs - this.#clock.monotonic()), this.#rouse.signal);
    this.#sleepsUntilMs = Number.NEGATIVE_INFINITY;
  }

  #ringDue(): void {
    const nowMs = this.#clock.monotonic();
    for (let next = this.#first(); next !== undefined && next.dueAtMs <= nowMs; next = this.#first()) {
      this.#alarms.pop();
      this.#set--;
      const { ring } = next;
      next.ring = undefined;
      ring?.();
    }
  }

  /** The next that is to ring; those before it that were cancelled are forgotten. */
  #first(): Alarm | undefined {
    if (this.#set === 0) this.#alarms = new TimerHeap();
    for (;;) {
      const first = this.#alarms.first();
      if (first === undefined || first.ring !== undefined) return first;
      this.#alarms.pop();
    }
  }
}
