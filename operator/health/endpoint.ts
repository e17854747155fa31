/** The answer to a GET. */
export interface Answer {
  status: number;
  contentType: string;
  body: string;
}

/** Answers a GET of one path. It must not throw. */
export type Endpoint = () => Answer | Promise<Answer>;
