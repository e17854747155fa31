import type { IncomingHttpHeaders } from 'node:http';

/** Status and text of a refused request. */
export interface Refusal {
  status: number;
  message: string;
}

/** `localhost` and the loopback addresses with any port, because a port-forward may use another one. */
const LOOPBACK = /^(localhost|127\.0\.0\.1|\[::1\])(:\d+)?$/i;

/**
 * Returns why a request to a page on the loopback interface is refused, or undefined if it is allowed. Every client is on this
 * machine, but a browser here may act for any web page: through a name that resolves to this address (DNS rebinding, seen in the
 * Host header), or from that page's origin (seen in Sec-Fetch-Site, which only browsers send). Pure.
 */
export function refusalOf(method: string, headers: IncomingHttpHeaders): Refusal | undefined {
  if (!LOOPBACK.test(headers.host ?? '')) {
    return { status: 403, message: 'open this page at http://localhost with the forwarded port' };
  }
  if (method !== 'GET' && method !== 'HEAD') return { status: 405, message: 'only GET and HEAD are allowed' };
  const { 'sec-fetch-site': site = 'none', 'sec-fetch-mode': mode, 'sec-fetch-dest': dest } = headers;
  const opened = mode === 'navigate' && dest === 'document';
  if (site !== 'same-origin' && site !== 'none' && !opened) {
    return { status: 403, message: 'cross-origin requests are not allowed' };
  }
  return undefined;
}
