import { existsSync } from 'node:fs';
import { copyFile, mkdir, rm, writeFile } from 'node:fs/promises';
import { join, posix, relative } from 'node:path';
import Eleventy, { type MarkdownLibrary, type MarkdownToken, type PageData } from '@11ty/eleventy';
import { packageRoot } from '../../package/package-root.ts';
import { uniqueIds } from './headings.ts';
import { layout, navigationOf, relativeAddress } from './layout.ts';
import { resolveLink } from './links.ts';
import { markdownFiles, readPage, sitePath } from './pages.ts';
import { SEARCH_OPTIONS, searchEntries, searchIndex } from './search-index.ts';

// `npm run docs`: builds the documentation site from the repository's Markdown files into dist/site. It works from the
// file system as well as from a server. Links to source files lead to $DOCS_SOURCE_URL, such as
// https://github.com/OWNER/NAME/blob/main; without it they are plain text.

const ROOT = packageRoot();
const OUTPUT = join('dist', 'site');
const SOURCE_URL = process.env.DOCS_SOURCE_URL?.replace(/\/$/, '');

process.chdir(ROOT);
await rm(OUTPUT, { recursive: true, force: true });
const files = markdownFiles().filter((file) => file !== 'README.md');
const navigation = navigationOf(readPage('docs/README.md'));

const eleventy = new Eleventy('docs', OUTPUT, {
  quietMode: true,
  config: (config) => {
    config.addPassthroughCopy({ 'docs/pictures': 'pictures', 'docs/scaling-backtest': 'scaling-backtest' });
    config.addGlobalData('eleventyComputed', { permalink: () => (data: PageData) => sitePath(sourceOf(data)) });
    for (const file of files.filter((path) => !path.startsWith('docs/'))) {
      config.addTemplate(`docs/outside/${file}`, readPage(file), { source: file });
    }
    config.amendLibrary('md', extendMarkdown);
    config.addTransform('layout', function (content) {
      const address = posix.normalize(relative(OUTPUT, this.page.outputPath).replaceAll('\\', '/'));
      const file = files.find((path) => sitePath(path) === address) ?? '';
      return layout(address, readPage(file), content, navigation);
    });
    // `{{…}}` of examples is text, no template.
    return { markdownTemplateEngine: false, templateFormats: ['md'] };
  },
});
await eleventy.write();
await writeAssets();
console.log(`${files.length} pages: ${join(OUTPUT, 'index.html')}`);

/** Returns the path in the repository of the file that a page is made from. */
function sourceOf({ page, source }: PageData): string {
  return source ?? posix.normalize(page.inputPath);
}

/** Gives headings the anchors they have on GitHub, and has links lead to the site's pages. */
function extendMarkdown(library: MarkdownLibrary): void {
  library.set({ html: true, linkify: false });
  library.core.ruler.push('site', ({ tokens, env }) => {
    const unique = uniqueIds();
    for (const [index, token] of tokens.entries()) {
      if (token.type === 'heading_open') {
        const text = (tokens[index + 1]?.children ?? []).map(({ content }) => content).join('');
        token.attrSet('id', unique(text.trim()));
      }
      linkToSite(sourceOf(env), token.children ?? []);
    }
  });
}

/** Has the links of a file lead to the site's pages; one that leads nowhere in it becomes plain text. */
function linkToSite(file: string, tokens: MarkdownToken[]): void {
  let dropped = false;
  for (const token of tokens) {
    if (token.type === 'link_open') {
      const href = siteLink(file, token.attrGet('href') ?? '');
      dropped = href === undefined;
      if (href !== undefined) token.attrSet('href', href);
      else token.attrs = [['title', resolveLink(file, token.attrGet('href') ?? '')?.path ?? '']];
    }
    if (dropped && token.type.startsWith('link_')) token.tag = 'span';
  }
}

/** Returns where a link of a file leads in the site. @returns undefined for source files without $DOCS_SOURCE_URL */
function siteLink(file: string, href: string): string | undefined {
  const link = resolveLink(file, href);
  if (!link) return href;
  const anchor = link.anchor === undefined ? '' : `#${link.anchor}`;
  const from = sitePath(file) ?? '';
  const page = sitePath(link.path);
  if (page) return relativeAddress(from, page) + anchor;
  if (link.path.startsWith('docs/') && existsSync(link.path))
    return relativeAddress(from, link.path.slice('docs/'.length));
  return SOURCE_URL ? `${SOURCE_URL}/${link.path}${anchor}` : undefined;
}

async function writeAssets(): Promise<void> {
  const assets = join(OUTPUT, 'assets');
  await mkdir(assets, { recursive: true });
  const entries = files.flatMap((file) => searchEntries(sitePath(file) ?? '', readPage(file)));
  const index = `window.searchIndex = [${JSON.stringify(searchIndex(entries))}, ${JSON.stringify(SEARCH_OPTIONS)}];\n`;
  await writeFile(join(assets, 'search-index.js'), index);
  await copyFile(join('node_modules', 'minisearch', 'dist', 'umd', 'index.js'), join(assets, 'minisearch.js'));
  const source = join('src', 'tools', 'docs', 'assets');
  for (const name of ['site.css', 'search.js']) await copyFile(join(source, name), join(assets, name));
}
