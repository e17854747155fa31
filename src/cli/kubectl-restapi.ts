#!/usr/bin/env node
import 'reflect-metadata';
import { ArgumentError } from '../terminal/arguments.ts';
import { describeError } from '../terminal/describe-error.ts';
import { Lifetime, Stopped } from '../terminal/lifetime.ts';
import { Screen } from '../terminal/screen.ts';
import { connect, explained } from './cluster.ts';
import { complete } from './complete.ts';
import { helpOf, helpOfVerb } from './help.ts';
import { type Request, readArguments } from './read-arguments.ts';
import { FAILED, YES } from './verb.ts';
import { VERBS } from './verbs.ts';

/** What the scripts of `completion` call. */
const COMPLETE = '__complete';

process.exitCode = await main(process.argv.slice(2));
// What was written to a pipe may still be on its way; connections kept alive need not end by themselves.
process.stdout.write('', () => process.exit());

async function main(words: readonly string[]): Promise<number> {
  if (words[0] === COMPLETE) {
    const found = await complete(words.slice(1));
    if (found !== 'files') process.stdout.write(found.map((word) => `${word}\n`).join(''));
    return YES;
  }
  let request: Request;
  try {
    request = readArguments(words, VERBS);
  } catch (error) {
    return refuse(error);
  }
  if ('help' in request) {
    process.stdout.write(request.help ? helpOfVerb(request.help) : helpOf(VERBS));
    return YES;
  }
  const { verb, args, flags } = request;
  const screen = new Screen();
  const lifetime = new Lifetime();
  lifetime.listen();
  try {
    return await verb.run({ args, flags, screen, lifetime, connect: () => connect(flags) });
  } catch (error) {
    screen.settle();
    const reason = lifetime.signal.aborted ? lifetime.signal.reason : error;
    // Ctrl-C is how one stops watching, but whoever waits must not take it for the answer.
    if (reason instanceof Stopped) return flags.watch ? YES : reason.exitCode;
    return refuse(reason);
  } finally {
    await lifetime.end();
  }
}

function refuse(error: unknown): number {
  const more = error instanceof ArgumentError ? '; kubectl restapi --help tells more' : '';
  process.stderr.write(`error: ${describeError(explained(error))}${more}\n`);
  return FAILED;
}
