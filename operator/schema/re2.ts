/** What JavaScript has and RE2, the API server's engine, lacks or reads otherwise; each with what to call it. */
const FOREIGN: [RegExp, string][] = [
  [/\(\?<?[=!]/, 'has a lookahead or lookbehind'],
  [/\\[1-9]|\\k</, 'has a backreference'],
  [/\\[sSbB]/, 'has \\s or \\b, which match other characters there'],
];

/**
 * The text of a regular expression that both sides read alike.
 *
 * @param where what to name in the error: class, field
 * @throws Error if the API server would read it otherwise or not at all
 */
export function re2Source({ source, flags }: RegExp, where: string): string {
  if (flags.replace('u', '') !== '')
    throw new Error(`${where}: /${source}/${flags} has flags, which a schema cannot express: remove them`);
  for (const [pattern, what] of FOREIGN) {
    if (pattern.test(source))
      throw new Error(`${where}: /${source}/ ${what}: the API server's regular expressions (RE2) do not support that`);
  }
  return source;
}
