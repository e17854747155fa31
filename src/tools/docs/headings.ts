/** A heading of a Markdown file. */
export interface Heading {
  level: number;
  text: string;
  /** Its anchor, unique within the file. */
  id: string;
}

/** Replaces fenced code blocks by empty lines, so that what they hold is not taken for Markdown. */
export function withoutCodeBlocks(markdown: string): string {
  let fence: string | undefined;
  return markdown
    .split('\n')
    .map((line) => {
      const [, mark] = /^\s*(`{3,}|~{3,})/.exec(line) ?? [];
      if (fence === undefined) {
        if (!mark) return line;
        fence = mark;
        return '';
      }
      if (mark?.startsWith(fence)) fence = undefined;
      return '';
    })
    .join('\n');
}

/** Returns the headings of a Markdown file with the anchors that GitHub gives them. */
export function headingsOf(markdown: string): Heading[] {
  const unique = uniqueIds();
  return [...withoutCodeBlocks(markdown).matchAll(/^(#{1,6}) +(.*?)(?: +#+)? *$/gm)].map(
    ([, marks = '', source = '']) => {
      const text = plainText(source);
      return { level: marks.length, text, id: unique(text) };
    },
  );
}

/** Returns a function that makes anchors and numbers those that repeat, as GitHub does. */
export function uniqueIds(): (text: string) => string {
  const taken = new Map<string, number>();
  return (text) => {
    const id = text
      .toLowerCase()
      .replace(/[^\p{Letter}\p{Number}\p{Mark}_ -]/gu, '')
      .replaceAll(' ', '-');
    const count = taken.get(id) ?? 0;
    taken.set(id, count + 1);
    return count === 0 ? id : `${id}-${count}`;
  };
}

/** Removes Markdown's marks from the text of a heading. */
function plainText(source: string): string {
  return source
    .replace(/!?\[([^\]]*)\]\([^)]*\)/g, '$1')
    .replace(/(\*\*|\*|`)/g, '')
    .trim();
}
