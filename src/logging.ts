// Edge: winston behind the Logger interface. Lines go to standard error, as the field's programs do.
import { createLogger, format, transports, type Logger as WinstonLogger } from 'winston';
import { errorMessage } from './lib/errors.ts';
import type { LogFields, Logger } from './lib/logger.ts';

/**
 * The program's logger. Verbosity below 4 shows `info` and up, from 4 on `debug` too.
 * Text lines read `2026-11-21T11:00:56.123Z INFO scaled autoscaler="default/web" from=2 to=4`.
 */
export function createWinstonLogger(settings: { verbosity: number; format: 'text' | 'json' }): Logger {
  const winston = createLogger({
    level: settings.verbosity >= 4 ? 'debug' : 'info',
    format:
      settings.format === 'json'
        ? format.combine(format.timestamp(), format.json())
        : format.combine(format.timestamp(), format.printf(textLine)),
    transports: [new transports.Console({ stderrLevels: ['error', 'warn', 'info', 'debug'] })],
  });
  return wrap(winston, {});
}

function wrap(winston: WinstonLogger, bound: LogFields): Logger {
  const log = (level: string, message: string, fields: LogFields | (() => LogFields) = {}): void => {
    // winston would make the line before it finds that nobody wants it.
    if (!winston.isLevelEnabled(level)) return;
    winston.log(level, message, printable({ ...bound, ...(typeof fields === 'function' ? fields() : fields) }));
  };
  return {
    debug: (message, fields) => log('debug', message, fields),
    info: (message, fields) => log('info', message, fields),
    warn: (message, fields) => log('warn', message, fields),
    error: (message, fields) => log('error', message, fields),
    child: (fields) => wrap(winston, { ...bound, ...fields }),
  };
}

const maxCauses = 5;

/** Errors become their message with all causes, big integers become text: JSON can write neither. What is undefined is left out. */
function printable(fields: LogFields): Record<string, unknown> {
  const said = Object.entries(fields).filter(([, value]) => value !== undefined);
  return Object.fromEntries(said.map(([key, value]) => [key, printableValue(value)]));
}

function printableValue(value: unknown): unknown {
  if (typeof value === 'bigint') return value.toString();
  if (!(value instanceof Error)) return value;
  const messages: string[] = [];
  let error: unknown = value;
  for (let depth = 0; error !== undefined && depth < maxCauses; depth++) {
    const message = errorMessage(error);
    // Many errors already say what their cause says.
    if (messages.at(-1)?.includes(message) !== true) messages.push(message);
    error = error instanceof Error ? error.cause : undefined;
  }
  return messages.join(': ');
}

function textLine({ timestamp, level, message, ...fields }: Record<string, unknown>): string {
  const rest = Object.entries(fields).map(
    ([key, value]) =>
      ` ${key}=${typeof value === 'number' || typeof value === 'boolean' ? String(value) : JSON.stringify(value)}`,
  );
  return `${String(timestamp)} ${String(level).toUpperCase().padEnd(5)} ${String(message)}${rest.join('')}`;
}
