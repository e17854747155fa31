/** One file of a page. */
export interface PageFile {
  contentType: string;
  body: string;
}

/** The files of a page by path: `/` is what is opened first. */
export type PageFiles = Readonly<Record<string, PageFile>>;
