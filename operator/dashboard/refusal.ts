import type { IncomingHttpHeaders } from 'node:http';

/** Why a request is not answered. */
export interface Refusal {
  status: number;
  message: string;
}

/** `localhost` and the addresses of the loopback interface, each with any port: a port-forward may have another one. */
const LOOPBACK = /^(localhost|127\.0\.0\.1|\[::1\])(:\d+)?$/i;

/**
 * Why a request to a page on the loopback interface is refused, if it is. Who can open a connection is on this machine,
 * but a browser on it may be told to by anybody's page: by a name that leads here (DNS rebinding; the Host header tells),
 * or from its own address (Sec-Fetch-Site tells; it is not sent by programs other than browsers). Pure.
 */
export function refusalOf(method: string, headers: IncomingHttpHeaders): Refusal | undefined {
  if (!LOOPBACK.test(headers.host ?? '')) {
    return { status: 403, message: 'open this page at http://localhost, with the forwarded port' };
  }
  if (method !== 'GET' && method !== 'HEAD') return { status: 405, message: 'only GET and HEAD are allowed' };
  const { 'sec-fetch-site': site = 'none', 'sec-fetch-mode': mode, 'sec-fetch-dest': dest } = headers;
  const opened = mode === 'navigate' && dest === 'document';
  if (site !== 'same-origin' && site !== 'none' && !opened) {
    return { status: 403, message: 'cross-site requests are not allowed' };
  }
  return undefined;
}
