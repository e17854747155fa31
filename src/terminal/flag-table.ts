import { parseArgs } from 'node:util';
import { ArgumentError } from './argument-error.ts';
import { pad } from './text.ts';

/** One flag. The parser, the help, the completion and the reference pages are made from it. */
export interface FlagDescription {
  type: 'string' | 'boolean';
  /** A comma-separated list; a repeated flag adds to it. Otherwise the last one counts. */
  list?: true;
  /** Its one-letter form. */
  short?: string;
  /** Placeholder of its value in help, such as `FILE`. */
  value?: string;
  /** What it does, in the imperative, without a full stop. */
  help: string;
  /** The only values it takes. */
  values?: readonly string[];
  /** Environment variable that is read if the flag is missing. */
  env?: string;
  /** Value if both are missing. */
  default?: string;
  /** Describes what applies without a value, where there is no `default`. */
  whenMissing?: string;
}

export type FlagTable = Readonly<Record<string, FlagDescription>>;

/** The values of flags: booleans are false if missing, strings undefined unless they have a default. */
export type ReadFlags<T extends FlagTable> = {
  [F in keyof T]: T[F]['type'] extends 'boolean'
    ? boolean
    : T[F] extends { default: string }
      ? string
      : string | undefined;
};

/** The table as `parseArgs` takes it. */
export function parseOptions(
  table: FlagTable,
): Record<string, { type: 'string' | 'boolean'; short?: string; multiple?: boolean }> {
  return Object.fromEntries(
    Object.entries(table).map(([name, { type, short, list }]) => [
      name,
      { type, ...(short && { short }), ...(list && { multiple: true }) },
    ]),
  );
}

/**
 * Reads flags; a missing one is taken from its environment variable, then from its default.
 * @throws ArgumentError for an unknown flag, a missing value or an argument that is not a flag
 */
export function readFlags<T extends FlagTable>(
  table: T,
  args: readonly string[],
  env: NodeJS.ProcessEnv = process.env,
): ReadFlags<T> {
  const { values } = parseWords(table, args, false);
  return Object.fromEntries(
    Object.entries<FlagDescription>(table).map(([name, flag]) => {
      if (flag.type === 'boolean') return [name, values[name] ?? false];
      return [name, values[name] ?? (flag.env === undefined ? undefined : env[flag.env]) ?? flag.default];
    }),
  ) as ReadFlags<T>;
}

/** Splits words into flags and arguments. @throws ArgumentError */
export function parseWords(
  table: FlagTable,
  args: readonly string[],
  allowPositionals: boolean,
): { values: Record<string, string | boolean | undefined>; positionals: string[] } {
  try {
    const { values, positionals } = parseArgs({ args: [...args], options: parseOptions(table), allowPositionals });
    const joined = Object.entries(values).map(([name, value]) => [
      name,
      Array.isArray(value) ? value.join(',') : value,
    ]);
    return { values: Object.fromEntries(joined), positionals };
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    // What node:util adds about `--` does not help with a flag that is merely unknown.
    throw new ArgumentError(message.replace(/\. To specify.*$/s, ''));
  }
}

/** A flag as help shows it: `-o, --output FORMAT`. */
export function flagSynopsis(name: string, { short, value }: FlagDescription): string {
  return `${short ? `-${short}, ` : ''}--${name}${value ? ` ${value}` : ''}`;
}

/** Describes the default of a flag: `$PORT, or 8080`; undefined if it has none. */
export function flagDefault(flag: FlagDescription): string | undefined {
  const last = flag.default ?? flag.whenMissing;
  const parts = [...(flag.env ? [`$${flag.env}`] : []), ...(last ? [last] : [])];
  return parts.length === 0 ? undefined : parts.join(', or ');
}

/** The lines of help that list flags. */
export function flagLines(table: FlagTable): string[] {
  // Flags without a short form line up with those that have one.
  const anyShort = Object.values(table).some(({ short }) => short !== undefined);
  const indent = (flag: FlagDescription) => (anyShort && !flag.short ? '    ' : '');
  return twoColumns(
    Object.entries(table).map(([name, flag]) => {
      const fallback = flagDefault(flag);
      return [
        `${indent(flag)}${flagSynopsis(name, flag)}`,
        fallback === undefined ? flag.help : `${flag.help} (default: ${fallback})`,
      ];
    }),
  );
}

/** Indented rows of two columns. */
export function twoColumns(rows: readonly (readonly [string, string])[]): string[] {
  const width = Math.max(...rows.map(([left]) => left.length));
  return rows.map(([left, right]) => `  ${pad(left, width)}  ${right}`);
}
