import { parseArgs } from 'node:util';
import { ArgumentError } from '../terminal/argument-error.ts';
import { parseOptions, parseWords } from '../terminal/flag-table.ts';
import { COMMON_FLAGS, describeFlag, FLAGS, type Flag, type FlagValues, tableOf } from './flags.ts';
import type { Argument, Verb } from './verb.ts';

/** What the command line requests: help (for one verb or for all), or a verb. */
export type Request = { help: Verb | undefined } | { verb: Verb; args: string[]; flags: FlagValues };

/** Reads the words after `kubectl restapi`. Flags of every verb may precede the verb. @throws ArgumentError */
export function readArguments(words: readonly string[], verbs: readonly Verb[]): Request {
  const at = verbAt(words);
  const name = at === undefined ? undefined : words[at];
  const verb = verbs.find((each) => each.name === name);
  if (name !== undefined && !verb) {
    const known = verbs.map((each) => each.name).join(', ');
    throw new ArgumentError(`unknown verb "${name}"; available: ${known}`);
  }
  const rest = words.filter((_, index) => index !== at);
  const { values, positionals } = parse(rest, [...(verb?.flags ?? []), ...COMMON_FLAGS], verb);
  if (!verb || values.help) return { help: verb };
  checkCount(verb, positionals);
  for (const flag of Object.keys(values) as Flag[]) checkValue(flag, values[flag]);
  return { verb, args: positionals, flags: values };
}

/** Index of the verb: the first word that is neither a flag nor the value of a flag. */
export function verbAt(words: readonly string[]): number | undefined {
  const { tokens } = parseArgs({
    args: [...words],
    options: parseOptions(FLAGS),
    strict: false,
    allowPositionals: true,
    tokens: true,
  });
  return tokens.find(({ kind }) => kind === 'positional')?.index;
}

function parse(args: string[], flags: readonly Flag[], verb: Verb | undefined) {
  try {
    const { values, positionals } = parseWords(tableOf(flags), args, true);
    return { values: values as FlagValues, positionals };
  } catch (error) {
    throw verb && error instanceof ArgumentError ? new ArgumentError(`${verb.name}: ${error.message}`) : error;
  }
}

function checkCount({ name, args }: Verb, given: readonly string[]): void {
  const missing = args.filter(({ optional }) => !optional)[given.length];
  if (missing) throw new ArgumentError(`${name} requires ${missing.label}`);
  const tooMany = given[args.length];
  if (tooMany !== undefined && !args.at(-1)?.many) throw new ArgumentError(`${name}: unexpected argument "${tooMany}"`);
  if (given.includes('')) throw new ArgumentError(`${name}: an argument is empty`);
}

function checkValue(flag: Flag, value: string | boolean | undefined): void {
  if (value === '') throw new ArgumentError(`--${flag} is empty`);
  const { values } = describeFlag(flag);
  if (typeof value === 'string' && values && !values.includes(value)) {
    throw new ArgumentError(`--${flag} "${value}": must be ${values.join(' or ')}`);
  }
}

/** The argument at this place, counted from 0. */
export function argumentAt({ args }: Verb, place: number): Argument | undefined {
  const last = args.at(-1);
  return args[place] ?? (last?.many ? last : undefined);
}
