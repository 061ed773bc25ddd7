// Edge: a logger that shows nothing but errors, for benchmarks that must not hide them and must not write thousands of lines.
import type { Logger } from '../src/lib/logger.ts';

export const errorsOnly: Logger = {
  debug: () => undefined,
  info: () => undefined,
  warn: () => undefined,
  error: (message, fields) => console.error(message, fields),
  child: () => errorsOnly,
};
