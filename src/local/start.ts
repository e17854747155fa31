import 'reflect-metadata';
import { ArgumentError, type Arguments, readArguments, USAGE } from '../terminal/arguments.ts';
import { describeError } from '../terminal/describe-error.ts';
import { Lifetime, Stopped } from '../terminal/lifetime.ts';
import { Screen } from '../terminal/screen.ts';
import { runLocal } from './local.ts';
import { runOnOwnCluster } from './own-cluster.ts';

process.exitCode = await main();
// Anything that still holds the process (an idle connection, a timer of a library) no longer matters.
process.exit();

async function main(): Promise<number> {
  let options: Arguments;
  try {
    options = readArguments(process.argv.slice(2));
  } catch (error) {
    if (!(error instanceof ArgumentError)) throw error;
    process.stderr.write(`${error.message}\n\n${USAGE}`);
    return 2;
  }
  if (options.mode === 'help') {
    process.stdout.write(USAGE);
    return 0;
  }
  const local = options.mode === 'local';
  const screen = new Screen();
  const lifetime = new Lifetime();
  lifetime.listen();
  let exitCode = 0;
  try {
    await (options.mode === 'local' ? runLocal(options, screen, lifetime) : runOnOwnCluster(options, screen, lifetime));
  } catch (error) {
    screen.settle();
    const reason = lifetime.signal.aborted ? lifetime.signal.reason : error;
    if (reason instanceof Stopped) {
      // Whoever waits for the sample must not take an interruption for its being ready.
      exitCode = options.mode === 'local' && options.once ? reason.exitCode : 0;
    } else {
      process.stderr.write(`\n${describeError(reason)}\n`);
      exitCode = 1;
    }
  }
  screen.settle();
  const told = lifetime.toEnd.join(' and ');
  const tell = told !== '' || lifetime.signal.aborted;
  if (tell) screen.print(['', told === '' ? 'Stopping …' : `Stopping ${told} …`]);
  const failures = await lifetime.end();
  for (const failure of failures) process.stderr.write(`${failure}\n`);
  const clean = local && told !== '' && failures.length === 0;
  if (tell) screen.print([clean ? 'Stopped; nothing of it is left.' : 'Stopped.']);
  return exitCode;
}
