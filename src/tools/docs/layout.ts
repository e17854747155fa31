import { posix } from 'node:path';
import { headingsOf } from './headings.ts';
import { linksOf } from './links.ts';
import { sitePath } from './pages.ts';

interface NavigationSection {
  title: string;
  pages: { title: string; address: string }[];
}

/** Reads the site's navigation from `docs/README.md`: a section for each heading of level 2, with the pages it links to. */
export function navigationOf(index: string): NavigationSection[] {
  return index
    .split(/^## /m)
    .slice(1)
    .map((section) => {
      const [title = '', ...lines] = section.split('\n');
      const pages = [...lines.join('\n').matchAll(/\[([^\]]+)\]\(([^)]+)\)/g)].flatMap(([, text = '', href = '']) => {
        const [link] = linksOf('docs/README.md', `[x](${href})`);
        const address = link && sitePath(link.path);
        return address ? [{ title: text, address }] : [];
      });
      return { title, pages };
    });
}

/** Puts the rendered content of a page into the site's frame. @param address where the page is in the site */
export function layout(address: string, markdown: string, content: string, navigation: NavigationSection[]): string {
  const title = headingsOf(markdown)[0]?.text ?? address;
  const to = (target: string) => relativeAddress(address, target);
  const sections = navigation.map(
    ({ title: name, pages }) =>
      `<section><h2>${escapeHtml(name)}</h2><ul>${pages
        .map(
          (page) =>
            `<li><a href="${to(page.address)}"${page.address === address ? ' aria-current="page"' : ''}>${escapeHtml(page.title)}</a></li>`,
        )
        .join('')}</ul></section>`,
  );
  const root = to('index.html').replace(/index\.html$/, '');
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escapeHtml(title)} · RestAPI Operator</title>
<link rel="stylesheet" href="${root}assets/site.css">
<script src="${root}assets/minisearch.js" defer></script>
<script src="${root}assets/search-index.js" defer></script>
<script src="${root}assets/search.js" data-root="${root}" defer></script>
</head>
<body>
<a class="skip" href="#content">Skip to content</a>
<header>
<a class="home" href="${to('index.html')}">RestAPI Operator</a>
<search><input type="search" id="search" placeholder="Search (press /)" aria-label="Search" autocomplete="off"><ol id="results" hidden></ol></search>
</header>
<div class="columns">
<nav aria-label="Pages"><details open><summary>Pages</summary>${sections.join('\n')}</details></nav>
<main id="content">
${content}
</main>
</div>
</body>
</html>
`;
}

/** Returns the relative address of one page of the site from another. */
export function relativeAddress(from: string, to: string): string {
  return posix.relative(posix.dirname(from), to) || posix.basename(to);
}

function escapeHtml(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;');
}
