import { type FlagTable, flagDefault, flagSynopsis } from '../../terminal/flag-table.ts';

/** A note for editors at the top of a generated page. */
export function generatedNote(source: string): string {
  return `<!-- Generated from ${source} by \`npm run generate\`. Do not edit. -->\n`;
}

/** A table; cells are Markdown. */
export function table(titles: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) => `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`;
  return [line(titles), `|${titles.map(() => '---').join('|')}|`, ...rows.map(line)].join('\n');
}

/** A table of flags with their defaults and values. */
export function flagTable(flags: FlagTable): string {
  return table(
    ['Flag', 'Default', 'Description'],
    Object.entries(flags).map(([name, flag]) => [
      code(flagSynopsis(name, flag)),
      flag.default === undefined || flag.env ? prose(flagDefault(flag) ?? '') : code(flag.default),
      `${prose(flag.help)}.${flag.values ? ` Values: ${flag.values.map(code).join(', ')}.` : ''}`,
    ]),
  );
}

/** A table of environment variables. */
export function variableTable(variables: Readonly<Record<string, string>>): string {
  return table(
    ['Variable', 'Description'],
    Object.entries(variables).map(([names, description]) => [
      names.split(', ').map(code).join(', '),
      `${prose(description)}.`,
    ]),
  );
}

/** A block of shell commands. */
export function shell(commands: readonly string[]): string {
  return ['```sh', ...commands, '```'].join('\n');
}

export function code(text: string): string {
  return `\`${text}\``;
}

/** Joins blocks with empty lines between them. */
export function page(...blocks: readonly (string | undefined)[]): string {
  return `${blocks.filter((block) => block !== undefined && block !== '').join('\n\n')}\n`;
}

const VARIABLE = /\$[A-Z_]+/.source;
const FLAG = /(?<!\S)--[a-z][a-z-]*(?:=\w+)?/.source;
const COMMAND = `(?<!\\S)kubectl (?:restapi|rollout)(?: [a-z]+)?(?: NAME)?(?: ${FLAG})?`;
const CODE = new RegExp([VARIABLE, COMMAND, FLAG].join('|'), 'g');

/** Marks flags, variables and commands in plain text as code. */
export function prose(text: string): string {
  return text.replaceAll(CODE, (name) => code(name));
}
