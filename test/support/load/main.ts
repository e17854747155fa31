import { ArgumentError } from '../../../src/terminal/argument-error.ts';
import { LOAD_USAGE, readLoadArguments } from './load-arguments.ts';
import { runLoad } from './run-load.ts';

const options = readArguments();
if (options === 'help') {
  process.stdout.write(LOAD_USAGE);
} else if (options) {
  const stop = new AbortController();
  for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP'] as const) process.on(signal, () => stop.abort());
  if (options.stopWithStdin) process.stdin.resume().on('close', () => stop.abort());
  // Whoever reads the report is gone.
  process.stdout.on('error', () => process.exit(1));
  print({ type: 'started', at: new Date().toISOString() });
  print(await runLoad(options, stop.signal));
  process.stdin.destroy();
}

function readArguments(): ReturnType<typeof readLoadArguments> | undefined {
  try {
    return readLoadArguments(process.argv.slice(2));
  } catch (error) {
    if (!(error instanceof ArgumentError)) throw error;
    process.stderr.write(`${error.message}\n\n${LOAD_USAGE}`);
    process.exitCode = 2;
    return undefined;
  }
}

function print(line: object): void {
  process.stdout.write(`${JSON.stringify(line)}\n`);
}
