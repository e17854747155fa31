/** One file of a page. */
export interface PageFile {
  contentType: string;
  body: string;
}

/** The files of a page by path; `/` is the entry page. */
export type PageFiles = Readonly<Record<string, PageFile>>;
