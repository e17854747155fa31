import type { Lifetime } from '../terminal/lifetime.ts';
import type { Screen } from '../terminal/screen.ts';
import type { Cluster } from './cluster.ts';
import type { Flag, FlagValues } from './flags.ts';

/** Exit codes of every verb. */
export const YES = 0;
/** The verb has an answer, and it is no: there are differences, or the timeout expired. */
export const NO = 1;
/** The verb failed: wrong arguments, no such object, missing rights, no cluster. */
export const FAILED = 2;

/** A positional argument of a verb. */
export interface Argument {
  /** Its placeholder in the usage, such as `NAME`. */
  label: string;
  /** What it names; completion offers these. */
  names: 'restapi' | 'component' | 'revision' | 'shell';
  optional?: boolean;
  /** Whether it may be repeated. Only of the last argument. */
  many?: boolean;
}

/** What a verb is run with. */
export interface Call {
  /** As many as the arguments of the verb allow. */
  args: readonly string[];
  flags: FlagValues;
  /** Output of the verb. */
  screen: Screen;
  lifetime: Lifetime;
  /** Connects to the cluster that the flags name. @throws Error for the user if there is none */
  connect(): Cluster;
}

/** A verb of `kubectl restapi`. To add one, write it in a file of verbs/ and list it in verbs.ts. */
export interface Verb {
  name: string;
  /** What it does, in the imperative, in one line without a full stop. */
  summary: string;
  /** More about it, one entry a paragraph. */
  details: readonly string[];
  args: readonly Argument[];
  /** Flags it takes besides those of every verb. */
  flags: readonly Flag[];
  /** Default of its flag --timeout. */
  defaultTimeout?: string;
  /** The flag it does not work without. */
  requiredFlag?: Flag;
  /** Commands to copy. */
  examples: readonly string[];
  /** Meaning of exit code 1; undefined if it does not occur. */
  no?: string;
  /** Runs it. @returns the exit code @throws Error for the user; the exit code is FAILED then */
  run(call: Call): Promise<number>;
}
