// The program: options -> logger -> operator -> signals -> exit code. 0 ended as asked, 1 failed or was told twice to stop, 2 wrong flags.
// `headroom check FILE...` is a program of its own: it reads manifests and ends. Each loads only what it needs.
import { systemClock } from './lib/clock.ts';
import { type Options, readCommand } from './options.ts';
import { programVersion } from './version.ts';

const argv = process.argv.slice(2);
if (argv[0] === 'check') process.exitCode = await check(argv.slice(1));
else await operate();

async function check(checkArgv: readonly string[]): Promise<number> {
  const { runCheck } = await import('./check/command.ts');
  // `headroom check . | head` closes the pipe early. Nobody wants the rest then, and the exit code still tells what was found.
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') throw error;
  });
  return runCheck(checkArgv, {
    stdin: process.stdin,
    color: process.stdout.isTTY && (process.env['NO_COLOR'] ?? '') === '',
    out: (text) => process.stdout.write(text),
    err: (text) => process.stderr.write(text),
  });
}

async function operate(): Promise<void> {
  const command = readCommand(argv, process.env, programVersion);
  switch (command.kind) {
    case 'print':
      process.stdout.write(command.text);
      break;
    case 'refuse':
      for (const mistake of command.mistakes) process.stderr.write(`headroom: ${mistake}\n`);
      process.exitCode = 2;
      break;
    case 'run':
      process.exitCode = await run(command.options, command.warnings);
      break;
  }
}

async function run(options: Options, warnings: readonly string[]): Promise<number> {
  // Before anything that takes time: a signal meanwhile must end the program in order.
  const stop = stopSignal();
  const [{ createWinstonLogger }, { runOperator }] = await Promise.all([
    import('./logging.ts'),
    import('./operator.ts'),
  ]);
  const logger = createWinstonLogger(options.logging);
  for (const warning of warnings) logger.warn('flag without effect', { flag: warning });
  return runOperator({ options, clock: systemClock, logger, stop });
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
