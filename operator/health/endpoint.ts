/** The answer to a GET. */
export interface EndpointAnswer {
  status: number;
  contentType: string;
  body: string;
}

/** Answers a GET of one path. It must not throw. */
export type Endpoint = () => EndpointAnswer | Promise<EndpointAnswer>;
