/**
 * Parses a Retry-After header, in either form: a number of seconds or an HTTP date (RFC 9110, 10.2.3).
 * @returns seconds; undefined for a header that is missing or malformed
 */
export function parseRetryAfter(header: string | string[] | undefined, now = Date.now()): number | undefined {
  const text = (Array.isArray(header) ? header[0] : header)?.trim();
  if (!text) return undefined;
  if (/^\d+$/.test(text)) return Number(text);
  const date = Date.parse(text);
  return Number.isNaN(date) ? undefined : Math.max(0, (date - now) / 1000);
}
