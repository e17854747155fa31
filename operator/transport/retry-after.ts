/**
 * Seconds a Retry-After header asks to wait, from either of its forms: a number of seconds or an HTTP date (RFC 9110, 10.2.3).
 * `undefined` for a header that is missing or says nothing.
 */
export function retryAfterSeconds(header: string | string[] | undefined, now = Date.now()): number | undefined {
  const text = (Array.isArray(header) ? header[0] : header)?.trim();
  if (!text) return undefined;
  if (/^\d+$/.test(text)) return Number(text);
  const date = Date.parse(text);
  return Number.isNaN(date) ? undefined : Math.max(0, (date - now) / 1000);
}
