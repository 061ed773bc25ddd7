// What every module may say to the log. winston stands behind it, in main.ts only.

/** Values that go beside a constant message: `{ node: 'a', attempts: 3 }`. */
export type LogFields = Readonly<Record<string, unknown>>;

/**
 * A structured logger: the message is constant, what varies is in the fields.
 * Put an error under the field `error`. Levels: `error` somebody must act; `warn` we cope; `info` changes of state and of replicas; `debug` the rest.
 */
export interface Logger {
  /** Fields that cost something to make are given as a function, which is called only if somebody wants the line. */
  debug(message: string, fields?: LogFields | (() => LogFields)): void;
  info(message: string, fields?: LogFields): void;
  warn(message: string, fields?: LogFields): void;
  error(message: string, fields?: LogFields): void;
  /** A logger that adds these fields to each line. */
  child(fields: LogFields): Logger;
}

const ignore = (): void => undefined;

/** A logger that says nothing. */
export const silentLogger: Logger = {
  debug: ignore,
  info: ignore,
  warn: ignore,
  error: ignore,
  child: () => silentLogger,
};
