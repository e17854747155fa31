import { COMPONENTS } from '../../resources/index.ts';
import { COMMON_FLAGS, describeFlag, FLAGS, type Flag } from './flags.ts';
import { argumentAt, verbAt } from './read-arguments.ts';
import { SHELLS } from './shells.ts';
import type { Verb } from './verb.ts';

/** What may follow on the command line: these words, or names to look up. */
export type Candidates = readonly string[] | 'restapis' | 'namespaces' | 'contexts' | 'files' | RevisionsOf;

/** The stored revisions of a RestAPI. */
export interface RevisionsOf {
  revisionsOf: string;
}

/**
 * Returns the candidates for the last word. Pure.
 * @param words after `kubectl restapi`; the last one may be incomplete or empty
 */
export function candidatesFor(words: readonly string[], verbs: readonly Verb[]): Candidates {
  const before = words.slice(0, -1);
  const typed = words.at(-1) ?? '';
  const awaiting = flagOf(before.at(-1));
  if (awaiting) return valuesOf(awaiting);
  const at = verbAt(before);
  const verb = verbs.find(({ name }) => at !== undefined && name === before[at]);
  if (typed.startsWith('-')) return [...(verb?.flags ?? []), ...COMMON_FLAGS].map((flag) => `--${flag}`);
  if (at === undefined) return verbs.map(({ name }) => name);
  if (!verb) return [];
  switch (argumentAt(verb, argumentsOf(before, at).length)?.names) {
    case 'restapi':
      return 'restapis';
    case 'revision':
      return { revisionsOf: argumentsOf(before, at)[0] ?? '' };
    case 'component':
      return COMPONENTS.filter((component) => !before.includes(component));
    case 'shell':
      return SHELLS;
    default:
      return [];
  }
}

/** The flag that a word is, if its value comes next. */
function flagOf(word: string | undefined): Flag | undefined {
  return (Object.keys(FLAGS) as Flag[]).find((flag) => {
    const { type, short } = describeFlag(flag);
    return type === 'string' && (word === `--${flag}` || (short !== undefined && word === `-${short}`));
  });
}

function valuesOf(flag: Flag): Candidates {
  switch (flag) {
    case 'namespace':
      return 'namespaces';
    case 'context':
      return 'contexts';
    case 'kubeconfig':
    case 'filename':
      return 'files';
    default:
      return describeFlag(flag).values ?? [];
  }
}

/** The arguments between the verb and the last word. */
function argumentsOf(before: readonly string[], verbIndex: number): string[] {
  return before.filter((word, index) => index > verbIndex && !word.startsWith('-') && !flagOf(before[index - 1]));
}
