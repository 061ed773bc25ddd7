// Flow: a watch that begins with the whole state, as a streaming list does (KEP-3157): the state into a store, what comes behind it to the caller.
import { breathe } from '../lib/breathe.ts';
import { HeadroomError } from '../lib/errors.ts';
import type { WatchEvent } from './codec.ts';
import type { WholeState } from './whole-state.ts';

/** Between two pauses for others: 2 ms of work for pods, 10 for large objects in JSON. */
const eventsPerTurn = 100;

/** What answers does not know of streaming lists, or gave up in the middle of one. Pages will do. */
export class NoStreamingList extends HeadroomError {
  override readonly name = 'NoStreamingList';

  constructor(message: string) {
    super('OBJECT_INVALID', `no streaming list: ${message}`);
  }
}

/**
 * Passes on the events of `watch` that come behind the initial state; of that only now and then an empty array, as a sign of life. `complete` is called at the
 * bookmark that ends the state, with its version. Throws NoStreamingList when the watch ends before, or tells that it never sends that bookmark by sending another,
 * and whatever `watch` throws.
 */
export async function* afterInitialEvents<T>(
  watch: AsyncIterable<readonly WatchEvent<T>[]>,
  state: WholeState<T>,
  complete: (resourceVersion: string) => void,
): AsyncGenerator<readonly WatchEvent<T>[], void, undefined> {
  let isComplete = false;
  // The first sign of life is that the server answers.
  let eventsThisTurn = eventsPerTurn;
  for await (const events of watch) {
    if (isComplete) {
      yield events;
      continue;
    }
    const bookmarkAt = events.findIndex(({ type }) => type === 'BOOKMARK');
    for (const event of bookmarkAt < 0 ? events : events.slice(0, bookmarkAt)) take(event, state);
    const bookmark = events[bookmarkAt];
    if (bookmark !== undefined) {
      complete(versionOfEnd(bookmark));
      isComplete = true;
      yield events.slice(bookmarkAt + 1);
      continue;
    }
    eventsThisTurn += events.length;
    if (eventsThisTurn < eventsPerTurn) continue;
    eventsThisTurn = 0;
    yield [];
    await breathe();
  }
  if (!isComplete) throw new NoStreamingList('the watch ended before its initial events did');
}

/** More than ADDED may come before the end: the state goes on changing while it is sent. */
function take<T>(event: WatchEvent<T>, state: WholeState<T>): void {
  if (event.type === 'DELETED') state.remove(event.reading);
  else if (event.type !== 'BOOKMARK') state.add(event.reading);
}

function versionOfEnd(bookmark: WatchEvent<unknown>): string {
  const isEnd = bookmark.type === 'BOOKMARK' && bookmark.endsInitialEvents;
  if (!isEnd) throw new NoStreamingList('the first bookmark does not end the initial events');
  if (bookmark.resourceVersion === '') throw new NoStreamingList('the end of the initial events has no version');
  return bookmark.resourceVersion;
}
