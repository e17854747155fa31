import { parseArgs } from 'node:util';
import { ArgumentError } from '../terminal/arguments.ts';
import { COMMON_FLAGS, describeFlag, FLAGS, type Flag, type FlagValues } from './flags.ts';
import type { Argument, Verb } from './verb.ts';

/** What the person asked for: help (of one verb, or of all), or a verb. */
export type Request = { help: Verb | undefined } | { verb: Verb; args: string[]; flags: FlagValues };

/** Reads the command line after `kubectl restapi`. The flags of every verb may stand before the verb. @throws ArgumentError */
export function readArguments(words: readonly string[], verbs: readonly Verb[]): Request {
  const at = verbAt(words);
  const name = at === undefined ? undefined : words[at];
  const verb = verbs.find((each) => each.name === name);
  if (name !== undefined && !verb) {
    const known = verbs.map((each) => each.name).join(', ');
    throw new ArgumentError(`there is no verb "${name}"; there are: ${known}`);
  }
  const rest = words.filter((_, index) => index !== at);
  const { values, positionals } = parse(rest, [...(verb?.flags ?? []), ...COMMON_FLAGS], verb);
  if (!verb || values.help) return { help: verb };
  checkCount(verb, positionals);
  for (const flag of Object.keys(values) as Flag[]) checkValue(flag, values[flag]);
  return { verb, args: positionals, flags: values };
}

/** Where the verb stands: the first word that is neither a flag nor a flag's value. */
export function verbAt(words: readonly string[]): number | undefined {
  const { tokens } = parseArgs({
    args: [...words],
    options: FLAGS,
    strict: false,
    allowPositionals: true,
    tokens: true,
  });
  return tokens.find(({ kind }) => kind === 'positional')?.index;
}

function parse(args: string[], flags: readonly Flag[], verb: Verb | undefined) {
  const options = Object.fromEntries(
    flags.map((flag) => {
      const { type, short } = describeFlag(flag);
      return [flag, { type, ...(short && { short }) }];
    }),
  );
  try {
    const { values, positionals } = parseArgs({ args, options, allowPositionals: true });
    return { values: values as FlagValues, positionals };
  } catch (error) {
    const words = error instanceof Error ? error.message : String(error);
    // What node:util adds about `--` is of no use where a flag is merely unknown.
    throw new ArgumentError(`${verb ? `${verb.name}: ` : ''}${words.replace(/\. To specify.*$/s, '')}`);
  }
}

function checkCount({ name, args }: Verb, given: readonly string[]): void {
  const missing = args.filter(({ optional }) => !optional)[given.length];
  if (missing) throw new ArgumentError(`${name} needs ${missing.label}`);
  const tooMany = given[args.length];
  if (tooMany !== undefined && !args.at(-1)?.many) throw new ArgumentError(`${name} does not take "${tooMany}"`);
  if (given.includes('')) throw new ArgumentError(`${name}: an argument is empty`);
}

function checkValue(flag: Flag, value: string | boolean | undefined): void {
  if (value === '') throw new ArgumentError(`--${flag} is empty`);
  const { values } = describeFlag(flag);
  if (typeof value === 'string' && values && !values.includes(value)) {
    throw new ArgumentError(`--${flag} "${value}": must be ${values.join(' or ')}`);
  }
}

/** The argument that stands at this place, counted from 0. */
export function argumentAt({ args }: Verb, place: number): Argument | undefined {
  const last = args.at(-1);
  return args[place] ?? (last?.many ? last : undefined);
}
