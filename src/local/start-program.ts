import { ArgumentError } from '../terminal/argument-error.ts';
import { errorText } from '../terminal/error-text.ts';
import { Lifetime, Stopped } from '../terminal/lifetime.ts';
import { Screen } from '../terminal/screen.ts';
import { printError, printText } from '../terminal/write.ts';
import { runLocal } from './local.ts';
import { runOnOwnCluster } from './own-cluster.ts';
import { readStartArguments, START_USAGE, type StartArguments } from './start-arguments.ts';

process.exitCode = await main();
// An idle connection or a timer of a library would keep the process alive.
process.exit();

async function main(): Promise<number> {
  let options: StartArguments;
  try {
    options = readStartArguments(process.argv.slice(2));
  } catch (error) {
    if (!(error instanceof ArgumentError)) throw error;
    printError(error.message);
    printError(`\n${START_USAGE.trimEnd()}`);
    return 2;
  }
  if (options.mode === 'help') {
    printText(START_USAGE);
    return 0;
  }
  const local = options.mode !== 'context';
  const screen = new Screen();
  const lifetime = new Lifetime();
  lifetime.listen();
  let exitCode = 0;
  try {
    await run(options, screen, lifetime);
  } catch (error) {
    screen.keepFrame();
    const reason = lifetime.signal.aborted ? lifetime.signal.reason : error;
    if (reason instanceof Stopped) {
      // With --once, exit code 0 means that the sample is ready.
      exitCode = options.mode !== 'context' && options.once ? reason.exitCode : 0;
    } else {
      printError('');
      printError(errorText(reason));
      exitCode = 1;
    }
  }
  screen.keepFrame();
  const parts = lifetime.reportedEnds.join(' and ');
  const report = parts !== '' || lifetime.signal.aborted;
  if (report) screen.print(['', parts === '' ? 'Stopping …' : `Stopping ${parts} …`]);
  const failures = await lifetime.end();
  for (const failure of failures) printError(failure);
  const clean = local && parts !== '' && failures.length === 0;
  if (report) screen.print([clean ? 'Stopped and cleaned up.' : 'Stopped.']);
  return exitCode;
}

async function run(options: Exclude<StartArguments, { mode: 'help' }>, screen: Screen, lifetime: Lifetime) {
  switch (options.mode) {
    case 'local':
      return runLocal(options, screen, lifetime);
    case 'context':
      return runOnOwnCluster(options, screen, lifetime);
    case 'real': {
      // Needs the bundler, which the others start faster without, and which the published package lacks.
      const { runReal } = await import('./real/run-real.ts');
      return runReal(options, screen, lifetime);
    }
  }
}
