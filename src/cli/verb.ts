import type { Lifetime } from '../terminal/lifetime.ts';
import type { Screen } from '../terminal/screen.ts';
import type { Cluster } from './cluster.ts';
import type { Flag, FlagValues } from './flags.ts';

/** Exit codes of every verb. */
export const YES = 0;
/** The question was answered, and the answer is no: there are differences, it did not come true in time. */
export const NO = 1;
/** It could not be found out or done: wrong arguments, no such object, no right, no cluster. */
export const FAILED = 2;

/** One argument of a verb that is no flag. */
export interface Argument {
  /** As it stands in the usage, such as `NAME`. */
  label: string;
  /** What it names, for the completion. */
  names: 'restapi' | 'component' | 'revision' | 'shell';
  optional?: boolean;
  /** Whether any number may follow. Of the last one only. */
  many?: boolean;
}

/** What a verb is run with. */
export interface Call {
  /** As many as the verb's arguments allow. */
  args: readonly string[];
  flags: FlagValues;
  /** Where the answer is shown. */
  screen: Screen;
  lifetime: Lifetime;
  /** The cluster that the flags name. @throws Error in words if there is none */
  connect(): Cluster;
}

/** A verb of `kubectl restapi`. To add one, write it in a file of verbs/ and list it in verbs.ts. */
export interface Verb {
  name: string;
  /** What it does, in one line. */
  summary: string;
  /** The rest a person should know, line by line; its exit codes where they need words. */
  details: readonly string[];
  args: readonly Argument[];
  /** Flags it takes besides those that every verb takes. */
  flags: readonly Flag[];
  /** @returns the exit code @throws Error in words; the exit code is FAILED then */
  run(call: Call): Promise<number>;
}
