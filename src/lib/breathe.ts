// Edge: long work in pieces.

/** Resolves when whatever waited meanwhile has had its turn: sockets, timers, other requests. */
export function breathe(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

/** An immediate is pending while anybody is in here. Of the whole process, as the event loop is. */
const waiting: (() => void)[] = [];

/**
 * Resolves when the caller may do its next piece of long work, of a millisecond or two: one piece in each round of the event loop, first come first
 * served. However many lists are written at once, sockets and timers wait for no more than one piece.
 */
export function nextTurn(): Promise<void> {
  return new Promise((resolve) => {
    waiting.push(resolve);
    if (waiting.length === 1) setImmediate(giveTurn);
  });
}

function giveTurn(): void {
  const resolve = waiting.shift();
  resolve?.();
  if (waiting.length > 0) setImmediate(giveTurn);
}
