// Edge: what long commands have in common: their flags and --help, progress on standard error, a clean end at Ctrl-C, exit codes.

export interface LongCommand<Options> {
  /** As people call it: `npm run fuzz`. */
  readonly name: string;
  readonly usage: string;
  /** A RangeError or TypeError tells what is wrong with the flags. */
  parseOptions(argv: readonly string[]): Options | 'help';
  /** Resolves to whether all is well. May reject when `signal` is aborted. */
  run(options: Options, tools: LongRunTools): Promise<boolean>;
}

export interface LongRunTools {
  /** Aborts when the process is told to end. */
  readonly signal: AbortSignal;
  /** Tells how far the command is. */
  readonly progress: (line: string) => void;
}

/** Runs this process's command. Exit codes: 0 all is well, 1 it is not, 2 wrong flags, 130 stopped. */
export async function runLongCommand<Options>(command: LongCommand<Options>): Promise<void> {
  const tools = { signal: stopSignal(), progress: startProgress() };
  try {
    const options = parse(command);
    if (options === 'help') process.stdout.write(command.usage);
    else if (options === undefined) process.exitCode = 2;
    else if (!(await command.run(options, tools))) process.exitCode = 1;
  } catch (error) {
    process.exitCode = tools.signal.aborted ? 130 : 1;
    tools.progress(tools.signal.aborted ? `${command.name}: stopped` : `${command.name} failed`);
    // Where it broke is for whoever mends it; who pressed Ctrl-C knows why.
    if (!tools.signal.aborted) console.error(error);
  }
}

function parse<Options>(command: LongCommand<Options>): Options | 'help' | undefined {
  try {
    return command.parseOptions(process.argv.slice(2));
  } catch (error) {
    if (!(error instanceof RangeError || error instanceof TypeError)) throw error;
    process.stderr.write(`${command.name}: ${error.message}\n\n${command.usage}`);
    return undefined;
  }
}

function stopSignal(): AbortSignal {
  const stop = new AbortController();
  for (const name of ['SIGINT', 'SIGTERM'] as const) process.once(name, () => stop.abort(new Error('interrupted')));
  return stop.signal;
}

/** Writes lines with the seconds since now before them. */
function startProgress(): (line: string) => void {
  const beganAtMs = Date.now();
  return (line) => {
    const seconds = ((Date.now() - beganAtMs) / 1000).toFixed(0).padStart(4);
    process.stderr.write(`${seconds} s  ${line}\n`);
  };
}
