import { pad } from '../terminal/text.ts';
import { COMMON_FLAGS, describeFlag, type Flag } from './flags.ts';
import type { Argument, Verb } from './verb.ts';

const EXIT_CODES = ['Exit codes: 0 yes or done, 1 no (see the verb), 2 it could not be found out or done.'];

/** The text of `--help` without a verb. */
export function helpOf(verbs: readonly Verb[]): string {
  return text([
    'kubectl restapi: RestAPIs at a glance, and what one does to them.',
    '',
    'Usage: kubectl restapi VERB [flags]',
    '',
    ...table(verbs.map((verb) => [synopsis(verb), verb.summary])),
    '',
    'Flags of every verb',
    ...flagTable(COMMON_FLAGS),
    '',
    ...EXIT_CODES,
    'kubectl restapi VERB --help tells more.',
  ]);
}

/** The text of `VERB --help`. */
export function helpOfVerb(verb: Verb): string {
  return text([
    `kubectl restapi ${verb.name}: ${verb.summary}.`,
    '',
    `Usage: kubectl restapi ${synopsis(verb)} [flags]`,
    '',
    ...flagTable([...verb.flags, ...COMMON_FLAGS]),
    ...(verb.details.length > 0 ? ['', ...verb.details] : []),
    '',
    ...EXIT_CODES,
  ]);
}

function synopsis({ name, args }: Verb): string {
  return [name, ...args.map(written)].join(' ');
}

function written({ label, optional, many }: Argument): string {
  const word = many ? `${label}...` : label;
  return optional ? `[${word}]` : word;
}

function flagTable(flags: readonly Flag[]): string[] {
  return table(
    flags.map((flag) => {
      const { short, value, help } = describeFlag(flag);
      return [`${short ? `-${short}, ` : '    '}--${flag}${value ? ` ${value}` : ''}`, help];
    }),
  );
}

function table(rows: [string, string][]): string[] {
  const width = Math.max(...rows.map(([left]) => left.length));
  return rows.map(([left, right]) => `  ${pad(left, width)}  ${right}`);
}

function text(lines: readonly string[]): string {
  return `${lines.join('\n')}\n`;
}
