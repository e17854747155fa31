// The program of the containers that tests run on real nodes; Node runs it straight from source.

import { readFileSync, writeFileSync } from 'node:fs';
import { createServer, type IncomingMessage } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import { hostname, networkInterfaces } from 'node:os';

const TOKEN = '/var/run/secrets/kubernetes.io/serviceaccount/token';
const held: Buffer[] = [];

/** What a request to a path answers. */
const answers: Record<string, (query: URLSearchParams, request: IncomingMessage) => unknown> = {
  '/': () => ({ pod: hostname(), addresses: Object.keys(networkInterfaces()) }),
  /** Fetches `url`, with the pod's token if `token` is set. */
  '/fetch': async (query) => {
    const headers = query.has('token') ? { authorization: `Bearer ${readFileSync(TOKEN, 'utf8')}` } : {};
    const answer = await fetch(query.get('url') ?? '', { headers, signal: AbortSignal.timeout(5000) });
    return { status: answer.status, body: await answer.text() };
  },
  '/memory': (query) => {
    for (let mib = Number(query.get('mib')); mib > 0; mib--) held.push(Buffer.alloc(1024 ** 2, 1));
    return { held: held.length };
  },
  '/burn': (query) => {
    for (const end = Date.now() + Number(query.get('ms')); Date.now() < end; );
    return {};
  },
  '/write': (query) => {
    writeFileSync(query.get('path') ?? '', 'written');
    return {};
  },
  '/big': (query) => 'x'.repeat(Number(query.get('bytes'))),
  /** An admission webhook that rejects everything. */
  '/reject': async (_, request) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk);
    const { uid } = JSON.parse(Buffer.concat(chunks).toString()).request;
    const response = { uid, allowed: false, status: { message: `rejected by ${hostname()}` } };
    return { apiVersion: 'admission.k8s.io/v1', kind: 'AdmissionReview', response };
  },
  /** An aggregated API without resources. */
  '/apis/aggregated.example.com/v1': () => ({
    kind: 'APIResourceList',
    apiVersion: 'v1',
    groupVersion: 'aggregated.example.com/v1',
    resources: [],
  }),
};

const [cert, key] = [process.env.TLS_CERT, process.env.TLS_KEY];
const server = cert && key ? createTlsServer({ cert, key }) : createServer();
server.on('request', async (request, response) => {
  const { pathname, searchParams } = new URL(request.url ?? '', 'http://web');
  try {
    const answer = await answers[pathname]?.(searchParams, request);
    response.setHeader('content-type', 'application/json');
    response.writeHead(answer === undefined ? 404 : 200).end(JSON.stringify(answer));
  } catch (error) {
    const { message, cause, code } = error as NodeJS.ErrnoException;
    response.writeHead(500).end(JSON.stringify({ message, cause: String(cause), code }));
  }
});
server.listen(8080, () => console.log(`${hostname()} listens`));
process.on('SIGTERM', () => process.exit(0));
