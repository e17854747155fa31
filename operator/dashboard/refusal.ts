import type { IncomingHttpHeaders } from 'node:http';

/** The reason for rejecting a request. */
export interface Refusal {
  status: number;
  message: string;
}

/** `localhost` and the loopback addresses with any port, because a port-forward may use another one. */
const LOOPBACK = /^(localhost|127\.0\.0\.1|\[::1\])(:\d+)?$/i;

/**
 * Returns why a request from the network is rejected, if it is: a browser that has stored a token must not send it for another site.
 * Pure.
 */
export function exposedRefusalOf(method: string, headers: IncomingHttpHeaders): Refusal | undefined {
  if (method !== 'GET' && method !== 'HEAD') return { status: 405, message: 'only GET and HEAD are allowed' };
  const { 'sec-fetch-site': site = 'none', 'sec-fetch-mode': mode, 'sec-fetch-dest': dest } = headers;
  const opened = mode === 'navigate' && dest === 'document';
  if (site !== 'same-origin' && site !== 'none' && !opened) {
    return { status: 403, message: 'cross-site requests are not allowed' };
  }
  return undefined;
}

/**
 * Returns why a request to the loopback interface is rejected, if it is. Only local processes can connect, but any website may make a
 * local browser connect: by a host name that resolves to this machine (DNS rebinding, visible in the Host header), or cross-site
 * (visible in Sec-Fetch-Site, which only browsers send). Pure.
 */
export function refusalOf(method: string, headers: IncomingHttpHeaders): Refusal | undefined {
  if (!LOOPBACK.test(headers.host ?? '')) {
    return { status: 403, message: 'open this page at http://localhost, with the forwarded port' };
  }
  return exposedRefusalOf(method, headers);
}
