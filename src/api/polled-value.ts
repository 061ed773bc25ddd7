// Flow: a value that is read again now and then, and tells when it has changed. Files and ConfigMaps of certificates are such values.
import type { Clock } from '../lib/clock.ts';
import type { Logger } from '../lib/logger.ts';

export interface PolledValueOptions<T> {
  /** What is read, for the log: `serving certificate`. */
  readonly name: string;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly intervalMs: number;
  /** Ends the polling. */
  readonly signal: AbortSignal;
  readonly read: () => Promise<T>;
  readonly isSame: (a: T, b: T) => boolean;
}

export interface PolledValue<T> {
  readonly current: T;
  /** Called after each change, in order of registration. */
  onChange(listener: () => void): void;
}

/** Starts with `first`. A failed read keeps the last value; it is logged when it begins and when it ends. */
export function pollValue<T>(first: T, options: PolledValueOptions<T>): PolledValue<T> {
  const { name, clock, logger, intervalMs, signal, read, isSame } = options;
  const listeners: (() => void)[] = [];
  let current = first;
  let failing = false;

  async function readAgain(): Promise<void> {
    try {
      const next = await read();
      failing = false;
      if (isSame(current, next)) return;
      current = next;
      logger.info('reloaded', { what: name });
      for (const listener of listeners) listener();
    } catch (error) {
      if (!failing) logger.warn('reading again failed, keeping what is known', { what: name, error });
      failing = true;
    }
  }

  async function poll(): Promise<void> {
    for (;;) {
      await clock.sleep(intervalMs, signal);
      if (signal.aborted) return;
      await readAgain();
    }
  }

  void poll();
  return {
    get current() {
      return current;
    },
    onChange: (listener) => {
      listeners.push(listener);
    },
  };
}
