/** A request path without characters that could end the request line or change the host. */
export const HTTP_PATH = /^\/[!-~]*$/;
export const HTTP_PATH_MESSAGE =
  'must start with "/" and contain only printable ASCII characters without spaces, such as /health';
