/** A path of HTTP as it is sent: nothing in it can end the request line or be another host. */
export const HTTP_PATH = /^\/[!-~]*$/;
export const HTTP_PATH_MESSAGE =
  'must start with "/" and have neither spaces nor characters that are not ASCII, such as /health';
