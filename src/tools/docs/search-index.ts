import MiniSearch from 'minisearch';
import { headingsOf, withoutCodeBlocks } from './headings.ts';

/** A searchable section of a page. */
export interface SearchEntry {
  /** Address in the site, with the anchor. */
  id: string;
  /** Title of the page. */
  page: string;
  title: string;
  text: string;
}

/** Options that the index is built and read with. */
export const SEARCH_OPTIONS = { fields: ['title', 'page', 'text'], storeFields: ['title', 'page'] };

/** Splits a page into its sections. @param address where the page is in the site */
export function searchEntries(address: string, markdown: string): SearchEntry[] {
  const headings = headingsOf(markdown);
  const page = headings[0]?.text ?? address;
  const parts = splitAtHeadings(markdown);
  return headings.map(({ level, text, id }, index) => ({
    id: level === 1 ? address : `${address}#${id}`,
    page,
    title: text,
    text: (parts[index + 1] ?? '').replace(/\]\([^)]*\)/g, ' ').replace(/[[\]|*`#>-]+/g, ' '),
  }));
}

/** Returns the index as JSON. */
export function searchIndex(entries: readonly SearchEntry[]): string {
  const index = new MiniSearch<SearchEntry>(SEARCH_OPTIONS);
  index.addAll(entries);
  return JSON.stringify(index);
}

/** The text before the first heading, then that of each section, code included. */
function splitAtHeadings(markdown: string): string[] {
  const lines = markdown.split('\n');
  const plain = withoutCodeBlocks(markdown).split('\n');
  const parts: string[][] = [[]];
  for (const [index, line] of lines.entries()) {
    if (/^#{1,6} /.test(plain[index] ?? '')) parts.push([]);
    else parts.at(-1)?.push(line);
  }
  return parts.map((part) => part.join('\n'));
}
