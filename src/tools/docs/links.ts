import { posix } from 'node:path';
import { withoutCodeBlocks } from './headings.ts';

/** A link of a Markdown file to something in the repository. */
export interface Link {
  /** The target as written. */
  href: string;
  /** Path in the repository that it leads to. */
  path: string;
  /** The anchor, without `#`. */
  anchor?: string;
}

/** Returns the relative links and pictures of a Markdown file, except those in code. @param file its path in the repository */
export function linksOf(file: string, markdown: string): Link[] {
  const text = withoutCodeBlocks(markdown).replace(/(`+)[^`].*?\1/gs, (code) => code.replace(/[[\]()]/g, ' '));
  const inline = [...text.matchAll(/\]\(\s*<?([^)\s>]+)>?(?:\s+"[^"]*")?\s*\)/g)].map(([, href = '']) => href);
  const definitions = [...text.matchAll(/^ {0,3}\[[^\]]+\]:\s*<?([^\s>]+)/gm)].map(([, href = '']) => href);
  const html = [...text.matchAll(/<(?:a|img)\b[^>]*?\b(?:href|src)="([^"]+)"/g)].map(([, href = '']) => href);
  return [...inline, ...definitions, ...html].flatMap((href) => {
    const link = resolveLink(file, href);
    return link ? [link] : [];
  });
}

/** Resolves a link of a file. @returns undefined if it leads out of the repository's files, such as an URL */
export function resolveLink(file: string, href: string): Link | undefined {
  if (/^[a-z][a-z0-9+.-]*:|^\/\//i.test(href)) return undefined;
  const [target = '', anchor] = href.split('#');
  const path = target === '' ? file : posix.normalize(posix.join(posix.dirname(file), decodeURI(target)));
  return { href, path: path.replace(/\/$/, ''), ...(anchor !== undefined && { anchor: decodeURIComponent(anchor) }) };
}
