import { type FlagTable, flagLines, twoColumns } from '../terminal/flag-table.ts';
import { joinLines } from '../terminal/text.ts';
import { COMMON_FLAGS, describeFlag, tableOf } from './flags.ts';
import type { Argument, Verb } from './verb.ts';

/** Columns of prose. */
const WIDTH = 100;

/** The text of `--help` without a verb. */
export function helpOf(verbs: readonly Verb[]): string {
  return joinLines([
    'kubectl restapi: inspect RestAPIs and control their releases.',
    '',
    'Usage: kubectl restapi VERB [flags]',
    '',
    'Verbs',
    ...twoColumns(verbs.map((verb) => [synopsis(verb), verb.summary])),
    '',
    'Flags of every verb',
    ...flagLines(tableOf(COMMON_FLAGS)),
    '',
    'Exit codes: 0 success; 1 condition not met, differences found, or timed out (see the verb); 2 error.',
    'Run kubectl restapi VERB --help for more about a verb.',
  ]);
}

/** The text of `VERB --help`. */
export function helpOfVerb(verb: Verb): string {
  return joinLines([
    `${verb.summary}.`,
    '',
    `Usage: kubectl restapi ${synopsis(verb)} [flags]`,
    '',
    ...verb.details.flatMap((paragraph) => [...wrap(paragraph), '']),
    'Flags',
    ...flagLines({ ...ownFlags(verb), ...tableOf(COMMON_FLAGS) }),
    '',
    'Examples',
    ...verb.examples.map((example) => `  ${example}`),
    '',
    `Exit codes: ${exitCodes(verb)
      .map(([code, meaning]) => `${code} ${meaning}`)
      .join('; ')}.`,
  ]);
}

/** The flags of a verb, without those of every verb. */
export function ownFlags({ flags, defaultTimeout }: Verb): FlagTable {
  const table = tableOf(flags);
  if (defaultTimeout === undefined) return table;
  return { ...table, timeout: { ...describeFlag('timeout'), default: defaultTimeout } };
}

/** The exit codes of a verb and their meanings. */
export function exitCodes({ no }: Verb): [number, string][] {
  return [[0, 'success'], ...(no === undefined ? [] : [[1, no] satisfies [number, string]]), [2, 'error']];
}

/** A verb with its arguments and required flag, such as `rollback NAME [REVISION]` or `diff --filename FILE`. */
export function synopsis({ name, args, requiredFlag }: Verb): string {
  const required = requiredFlag ? [`--${requiredFlag} ${describeFlag(requiredFlag).value}`] : [];
  return [name, ...args.map(argumentSynopsis), ...required].join(' ');
}

function argumentSynopsis({ label, optional, many }: Argument): string {
  const word = many ? `${label}...` : label;
  return optional ? `[${word}]` : word;
}

function wrap(paragraph: string): string[] {
  const lines: string[] = [];
  for (const word of paragraph.split(' ')) {
    const last = lines.at(-1);
    if (last !== undefined && last.length + 1 + word.length <= WIDTH) lines[lines.length - 1] = `${last} ${word}`;
    else lines.push(word);
  }
  return lines;
}
