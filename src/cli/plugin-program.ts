import { ArgumentError } from '../terminal/argument-error.ts';
import { errorText } from '../terminal/error-text.ts';
import { Lifetime, Stopped } from '../terminal/lifetime.ts';
import { Screen } from '../terminal/screen.ts';
import { printError, printText } from '../terminal/write.ts';
import { connect, explain } from './cluster.ts';
import { complete } from './complete.ts';
import { helpOf, helpOfVerb } from './help.ts';
import { type Request, readArguments } from './read-arguments.ts';
import { FAILED, YES } from './verb.ts';
import { VERBS } from './verbs.ts';

/** The verb that the completion scripts call. */
const COMPLETE = '__complete';

process.exitCode = await main(process.argv.slice(2));
// Exit once the output is flushed: open connections would keep the process alive.
printText('', () => process.exit());

async function main(words: readonly string[]): Promise<number> {
  if (words[0] === COMPLETE) {
    const found = await complete(words.slice(1));
    if (found !== 'files') printText(found.map((word) => `${word}\n`).join(''));
    return YES;
  }
  let request: Request;
  try {
    request = readArguments(words, VERBS);
  } catch (error) {
    return refuse(error);
  }
  if ('help' in request) {
    printText(request.help ? helpOfVerb(request.help) : helpOf(VERBS));
    return YES;
  }
  const { verb, args, flags } = request;
  const screen = new Screen();
  const lifetime = new Lifetime();
  lifetime.listen();
  try {
    return await verb.run({ args, flags, screen, lifetime, connect: () => connect(flags) });
  } catch (error) {
    screen.keepFrame();
    const reason = lifetime.signal.aborted ? lifetime.signal.reason : error;
    // Ctrl-C ends --watch as usual; for any other verb it is no success.
    if (reason instanceof Stopped) return flags.watch ? YES : reason.exitCode;
    return refuse(reason);
  } finally {
    await lifetime.end();
  }
}

function refuse(error: unknown): number {
  const more = error instanceof ArgumentError ? '. Run kubectl restapi --help for usage' : '';
  printError(`error: ${errorText(explain(error))}${more}`);
  return FAILED;
}
