import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { KubeConfig } from '@kubernetes/client-node';

/** A plain HTTP server in the API server's place, for answers that a real one does not give. */
export interface PlainServer extends AsyncDisposable {
  readonly kubeConfig: KubeConfig;
  readonly port: number;
  /** Requests in order of arrival: `PATCH /apis/…`, and when, by performance.now(). */
  readonly log: { request: string; at: number }[];
  /** Connections open now, and the most there were at once. */
  readonly connections: { open: number; most: number };
}

/** Starts one on a free port of 127.0.0.1. @param user fields of the kubeconfig's user */
export async function startPlainServer(
  handle: (request: IncomingMessage, response: ServerResponse) => void,
  user: Record<string, unknown> = {},
): Promise<PlainServer> {
  const log: PlainServer['log'] = [];
  const connections = { open: 0, most: 0 };
  const server = createServer((request, response) => {
    log.push({ request: `${request.method} ${request.url?.split('?')[0]}`, at: performance.now() });
    request.resume();
    request.once('end', () => handle(request, response));
  });
  server.on('connection', (socket) => {
    connections.open += 1;
    connections.most = Math.max(connections.most, connections.open);
    socket.on('close', () => {
      connections.open -= 1;
    });
    socket.on('error', () => undefined);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const kubeConfig = new KubeConfig();
  kubeConfig.loadFromClusterAndUser(
    { name: 'plain', server: `http://127.0.0.1:${port}`, skipTLSVerify: true },
    { name: 'plain', ...user },
  );
  return {
    kubeConfig,
    port,
    log,
    connections,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

/** Answers with JSON. */
export function answerJson(response: ServerResponse, body: unknown, status = 200): void {
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
}
