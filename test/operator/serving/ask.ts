import { once } from 'node:events';
import type { IncomingHttpHeaders, IncomingMessage } from 'node:http';
import { request } from 'node:https';
import type { TLSSocket } from 'node:tls';

export interface Asked {
  status: number;
  headers: IncomingHttpHeaders;
  body: string;
  /** SHA-256 fingerprint of the server's certificate. */
  fingerprint: string;
}

export interface AskOptions {
  token?: string;
  headers?: Record<string, string>;
  method?: string;
  /** Verify the server's certificate by this authority. Default: it is not verified. */
  ca?: string;
}

/** Sends one request over TLS, on a connection of its own. */
export async function ask(port: number, path: string, options: AskOptions = {}): Promise<Asked> {
  const response = await open(port, path, options);
  const fingerprint = (response.socket as TLSSocket).getPeerCertificate().fingerprint256;
  response.setEncoding('utf8');
  let body = '';
  for await (const chunk of response) body += chunk;
  return { status: response.statusCode ?? 0, headers: response.headers, body, fingerprint };
}

/** Sends one request. @returns the answer, whose body has not been read */
export async function open(
  port: number,
  path: string,
  { token, headers, method, ca }: AskOptions = {},
): Promise<IncomingMessage> {
  const sent = request({
    // The name in the certificate.
    host: 'localhost',
    family: 4,
    port,
    path,
    method,
    agent: false,
    headers: { ...(token !== undefined && { authorization: `Bearer ${token}` }), ...headers },
    ...(ca === undefined ? { rejectUnauthorized: false } : { ca }),
  });
  sent.end();
  const [response] = (await once(sent, 'response')) as [IncomingMessage];
  return response;
}

/** An Authorization header as a browser sends it. */
export function basic(password: string): Record<string, string> {
  return { authorization: `Basic ${Buffer.from(`me:${password}`).toString('base64')}` };
}
