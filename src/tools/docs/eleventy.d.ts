/** The part of Eleventy's API that the documentation site uses; the package has no types of its own. */
declare module '@11ty/eleventy' {
  export interface PageData {
    page: { inputPath: string; outputPath: string };
    /** Path in the repository of a page from outside of `docs/`. */
    source?: string;
  }

  export interface MarkdownToken {
    type: string;
    tag: string;
    content: string;
    attrs: [string, string][] | null;
    children: MarkdownToken[] | null;
    attrGet(name: string): string | null;
    attrSet(name: string, value: string): void;
  }

  export interface MarkdownLibrary {
    set(options: { html: boolean; linkify: boolean }): void;
    core: { ruler: { push(name: string, rule: (state: { tokens: MarkdownToken[]; env: PageData }) => void): void } };
  }

  interface Config {
    addPassthroughCopy(paths: Record<string, string>): void;
    addGlobalData(name: string, value: unknown): void;
    addTemplate(path: string, content: string, data: object): void;
    addTransform(name: string, transform: (this: PageData, content: string) => string): void;
    amendLibrary(name: 'md', amend: (library: MarkdownLibrary) => void): void;
    setUseGitIgnore(use: boolean): void;
  }

  export default class Eleventy {
    constructor(input: string, output: string, options: { quietMode: boolean; config: (config: Config) => object });
    write(): Promise<unknown>;
  }
}
