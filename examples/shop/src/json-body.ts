import { HttpError } from './http-error.ts';
import type { RouteRequest } from './route.ts';

/** Parses the body of a request. @throws HttpError 415 for another content type, 400 for invalid JSON */
export function jsonBody({ contentType, body }: RouteRequest): unknown {
  if (contentType !== 'application/json') {
    throw new HttpError(415, `The content type is ${JSON.stringify(contentType)}: it must be application/json`);
  }
  try {
    return JSON.parse(body);
  } catch (error) {
    throw new HttpError(400, `The body is not JSON: ${(error as Error).message}`);
  }
}
