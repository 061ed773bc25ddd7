// The program: options -> logger -> operator -> signals -> exit code. 0 ended as asked, 1 failed or was told twice to stop, 2 wrong flags.
import { systemClock } from './lib/clock.ts';
import { createWinstonLogger } from './logging.ts';
import { runOperator } from './operator.ts';
import { readCommand } from './options.ts';
import { programVersion } from './version.ts';

const command = readCommand(process.argv.slice(2), process.env, programVersion);
switch (command.kind) {
  case 'print':
    process.stdout.write(command.text);
    break;
  case 'refuse':
    for (const mistake of command.mistakes) process.stderr.write(`headroom: ${mistake}\n`);
    process.exitCode = 2;
    break;
  case 'run': {
    const logger = createWinstonLogger(command.options.logging);
    for (const warning of command.warnings) logger.warn('flag without effect', { flag: warning });
    process.exitCode = await runOperator({ options: command.options, clock: systemClock, logger, stop: stopSignal() });
    break;
  }
}

/** Aborts on the first SIGTERM or SIGINT; the second ends the process at once. */
function stopSignal(): AbortSignal {
  const controller = new AbortController();
  for (const signal of ['SIGTERM', 'SIGINT'] as const) {
    process.on(signal, () => {
      if (controller.signal.aborted) process.exit(1);
      controller.abort(signal);
    });
  }
  return controller.signal;
}
