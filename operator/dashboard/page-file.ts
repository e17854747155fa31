/** One file of a page. */
export interface PageFile {
  contentType: string;
  body: string;
}

/** The files of a page by path; `/` is its HTML document. */
export type PageFiles = Readonly<Record<string, PageFile>>;
