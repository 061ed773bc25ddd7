// Edge: long work in pieces.

/** Resolves when whatever waited meanwhile has had its turn: sockets, timers, other requests. */
export function breathe(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
