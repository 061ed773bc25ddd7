// Pure: the whole state of a collection on its way into a store, in whichever order and form it comes.
import { breathe } from '../lib/breathe.ts';
import type { Reading } from './codec.ts';
import { isHeld, put, type ReflectedStore } from './object-store.ts';

const keysPerPiece = 10_000;

/**
 * Collects what there is, and removes from the store what there is not. Who reads the store sees it as it was before or as it is after `complete`, and
 * nothing in between: a whole state takes seconds to come, and half of the old pods beside half of the new is no state that the cluster was ever in.
 * Only a store that nobody reads yet, as it was never complete, is filled while it comes, which needs no second copy.
 *
 * One that is given up deletes nothing.
 */
export class WholeState<T> {
  readonly #store: ReflectedStore<T>;
  readonly #skip: (problem: unknown) => void;
  /** Of what the store held before; nothing else can be missing now. */
  readonly #unseen: Set<string>;
  /** What is not as the store holds it; undefined: gone. The last that was said of a key counts. */
  readonly #found = new Map<string, T | undefined>();

  private constructor(store: ReflectedStore<T>, unseen: Set<string>, skip: (problem: unknown) => void) {
    this.#store = store;
    this.#unseen = unseen;
    this.#skip = skip;
  }

  /** `skip` takes what is wrong with a bad object. What the store holds of that one stays. */
  static async begin<T>(store: ReflectedStore<T>, skip: (problem: unknown) => void): Promise<WholeState<T>> {
    return new WholeState(store, await keysOf(store), skip);
  }

  add(reading: Reading<T>): void {
    if (this.#unseen.size > 0 && reading.key !== undefined) this.#unseen.delete(reading.key);
    if ('problem' in reading) this.#skip(reading.problem);
    else if (!this.#store.hasSynced) put(this.#store, reading);
    else if (isHeld(this.#store, reading)) this.#found.delete(reading.key);
    else this.#found.set(reading.key, reading.object);
  }

  /** It went while the state was on its way. Of an object that is gone the name is enough. */
  remove(reading: Reading<T>): void {
    if (reading.key !== undefined) this.add({ key: reading.key, object: undefined });
    else if ('problem' in reading) this.#skip(reading.problem);
  }

  /** All has come. */
  complete(): void {
    for (const [key, object] of this.#found) put(this.#store, { key, object });
    for (const key of this.#unseen) this.#store.remove(key);
    this.#store.markSynced();
  }
}

/** In pieces: with 150,000 keys it takes as long as several pages. Nobody but the reflector, who waits here, changes the store. */
async function keysOf(store: ReflectedStore<unknown>): Promise<Set<string>> {
  const keys = new Set<string>();
  for (const key of store.keys()) {
    keys.add(key);
    if (keys.size % keysPerPiece === 0) await breathe();
  }
  return keys;
}
