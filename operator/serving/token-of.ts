/** Ways to send a token: `Bearer`, or `Basic` with the token as password, which browsers can. */
export type Scheme = 'Bearer' | 'Basic';

/** Bearer tokens (RFC 6750). Kubernetes' own consist of such characters. */
const TOKEN = /^[A-Za-z0-9._~+/-]+=*$/;

/**
 * Returns the token in an Authorization header; undefined if there is none, it is malformed or of another scheme. Pure.
 *
 * @param schemes those that are accepted
 */
export function tokenOf(authorization: string | undefined, schemes: readonly Scheme[]): string | undefined {
  const [, scheme = '', value = ''] = /^(\w+) +(\S+)$/.exec(authorization ?? '') ?? [];
  const known = schemes.find((one) => one.toLowerCase() === scheme.toLowerCase());
  if (!known) return undefined;
  const token = known === 'Bearer' ? value : passwordOf(value);
  return TOKEN.test(token) ? token : undefined;
}

/** @param credentials `user:password` in Base64 */
function passwordOf(credentials: string): string {
  const text = Buffer.from(credentials, 'base64').toString('utf8');
  const colon = text.indexOf(':');
  return colon < 0 ? '' : text.slice(colon + 1);
}
