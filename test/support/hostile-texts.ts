/** A word in every hostile text, by which tests find where it is shown. */
export const EVIL = 'EVIL';

/** Texts that would do something where they are not shown as text. */
export const HOSTILE: Readonly<Record<string, string>> = {
  colour: `\u001b[32m${EVIL}\u001b[0m`,
  'cursor and erase': `\u001b[2J\u001b[1;1H${EVIL}`,
  title: `\u001b]0;${EVIL}\u0007`,
  link: `\u001b]8;;https://example.com/\u001b\\${EVIL}\u001b]8;;\u001b\\`,
  'open sequence': `${EVIL}\u001b]52;c;`,
  C1: `\u009b31m${EVIL}\u0085\u009d0;t\u009c`,
  direction: `\u202e${EVIL}\u2066\u2069\u061c`,
  'new line': `${EVIL}\nerror: forged\r\nNAME  READY\u2028forged\u2029\u000b\u000c`,
  'carriage return': `${EVIL}\rerror: forged`,
  NUL: `a\u0000${EVIL}\u0008\u0008\u007f`,
  'zero width': `E\u200bV\u200d${EVIL}\ufeff\u00ad\u{e0041}`,
  image: `<img src=x onerror="alert('${EVIL}')">`,
  script: `"><script>alert('${EVIL}')</script>`,
  link_: `javascript:alert('${EVIL}')`,
  template: `{{${EVIL}}} $\{${EVIL}} %s %n`,
  long: `${EVIL}${'x'.repeat(3_000)}`,
  'half a pair': `${EVIL}\ud83d`,
  'other half': `\udca9${EVIL}`,
  label: `${EVIL}"} 1\n# HELP forged forged\nforged{a="`,
};

/** Returns a copy of a JSON value in which the strings for which `poisoned` is true are hostile. */
export function poison<T>(value: T, text: string, poisoned: (path: string, old: string) => boolean, path = ''): T {
  if (typeof value === 'string') return (poisoned(path, value) ? text : value) as T;
  if (Array.isArray(value)) return value.map((item, at) => poison(item, text, poisoned, `${path}[${at}]`)) as T;
  if (typeof value !== 'object' || value === null) return value;
  const fields = Object.entries(value).map(([key, field]) => [key, poison(field, text, poisoned, `${path}.${key}`)]);
  return Object.fromEntries(fields) as T;
}

/** Returns the hidden characters of a text other than line feeds, as `U+…`. */
export function hiddenIn(text: string): string[] {
  const found = text.match(/[^\P{C}\n]|[\u2028\u2029]/gu) ?? [];
  return [...new Set(found)].map((character) => `U+${character.codePointAt(0)?.toString(16)}`);
}
