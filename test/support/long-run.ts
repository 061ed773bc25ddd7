// Edge: what long commands have in common: they tell how far they are, on standard error, and Ctrl-C ends them cleanly.

/** Aborts when the process is told to end. */
export function stopSignal(): AbortSignal {
  const stop = new AbortController();
  for (const name of ['SIGINT', 'SIGTERM'] as const) process.once(name, () => stop.abort(new Error('interrupted')));
  return stop.signal;
}

/** Writes lines with the seconds since now before them. */
export function startProgress(): (line: string) => void {
  const beganAtMs = Date.now();
  return (line) => {
    const seconds = ((Date.now() - beganAtMs) / 1000).toFixed(0).padStart(4);
    process.stderr.write(`${seconds} s  ${line}\n`);
  };
}
