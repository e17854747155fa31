import { Agent, createServer, get, request } from 'node:http';
import { connect as connectHttp2, constants } from 'node:http2';
import { type AddressInfo, connect, createServer as createTcpServer } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { GracefulDrain } from '../../../examples/shop/src/graceful-drain.ts';
import { eventually } from '../../support/eventually.ts';
import { ShopInProcess, startComponent } from './shop-in-process.ts';

const ORDER = JSON.stringify({ product: 'voucher', quantity: 1, customer: 'Ann' });

test('under constant load of kept and new connections, a draining view loses no request', async () => {
  await using shop = await ShopInProcess.start({ view: { DRAIN_IDLE_SECONDS: '1' } });
  const old = shop.components.view;
  const oldPort = old.port;
  await using next = await startComponent('view', { SHOP_VERSION: '2.0.0', CONTROLLER_URL: shop.url('controller') });
  // A Service whose proxy lags: for a while after SIGTERM, new connections still go to the old pod.
  let target = oldPort;
  const load = new Load(() => target);
  for (let worker = 0; worker < 4; worker += 1) {
    load.start({ keepAlive: true, method: 'GET' });
    load.start({ keepAlive: true, method: 'POST' });
    load.start({ keepAlive: false, method: 'GET' });
  }
  await eventually(() => load.answers('1.0.0') > 60);
  const drained = old.drain();
  const before = load.connectionsTo(oldPort);
  await eventually(() => load.connectionsTo(oldPort) > before + 20);
  target = next.port;
  expect(await drained).toBe(0);
  const afterwards = load.answers('2.0.0');
  await eventually(() => load.answers('2.0.0') > afterwards + 60);
  await load.stop();
  expect(load.failures).toEqual([]);
  await expect(fetch(`http://127.0.0.1:${oldPort}/version`)).rejects.toThrow();
});

test('every answer of a draining server closes its connection, also one that began before', async () => {
  await using view = await startComponent('view', { LATENCY_MS: '300', DRAIN_IDLE_SECONDS: '30' });
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  const headers = async (path: string) => {
    const sent = get(`http://127.0.0.1:${view.port}${path}`, { agent });
    return new Promise<string | undefined>((resolve, reject) => {
      sent.once('error', reject).once('response', (response) => resolve(response.resume().headers.connection));
    });
  };
  expect(await headers('/version')).toBe('keep-alive');
  const slow = headers('/nowhere');
  await sleep(100);
  const drained = view.drain();
  expect(await slow).toBe('close');
  expect(await headers('/version')).toBe('close');
  expect(await drained).toBe(0);
});

test('an unused connection is closed after the idle time, a busy one at the end of the grace', async () => {
  const server = createServer((_request, response) => void response.flushHeaders());
  const drain = new GracefulDrain(server);
  await new Promise<void>((resolve) => server.listen(0, resolve));
  const { port } = server.address() as AddressInfo;
  const idle = connect(port, '127.0.0.1');
  const busy = connect(port, '127.0.0.1').on('error', () => {});
  busy.write('GET / HTTP/1.1\r\nhost: x\r\n\r\n');
  await new Promise((resolve) => busy.once('data', resolve));
  await sleep(400);
  const startedAt = performance.now();
  const drained = drain.run({ graceMs: 1_500, idleMs: 300, quietMs: 100 });
  await new Promise((resolve) => idle.once('close', resolve).resume());
  // Counted from the start of the drain, although it was unused before.
  expect(performance.now() - startedAt).toBeGreaterThanOrEqual(290);
  expect(await drained).toBe(1);
  expect(performance.now() - startedAt).toBeGreaterThanOrEqual(1_490);
  server.closeAllConnections();
  server.close();
});

test('h2c: a draining server completes open streams and says GOAWAY, to old and new sessions', async () => {
  await using view = await startComponent('view', { LATENCY_MS: '400' });
  const url = `http://127.0.0.1:${view.port}`;
  const old = connectHttp2(url);
  const goaways = new Map<string, number>();
  old.on('goaway', (code) => goaways.set('old', code));
  expect(await http2Status(old, '/version')).toBe(200);
  const slow = http2Status(old, '/nowhere');
  await sleep(150);
  const drained = view.drain();
  const late = connectHttp2(url).on('goaway', (code) => goaways.set('late', code));
  expect(await http2Status(late, '/nowhere')).toBe(503);
  expect(await slow).toBe(503);
  expect(await drained).toBe(0);
  expect(Object.fromEntries(goaways)).toEqual({ old: constants.NGHTTP2_NO_ERROR, late: constants.NGHTTP2_NO_ERROR });
});

test('h2c: a stream of a client that reads the GOAWAY late is answered or refused, none is lost', async () => {
  await using view = await startComponent('view', {});
  const slowReader = createTcpServer((client) => {
    const server = connect(view.port, '127.0.0.1');
    client.pipe(server).on('error', () => {});
    server.on('data', (bytes) => setTimeout(() => client.write(bytes), 1_500)).on('error', () => {});
    server.once('close', () => setTimeout(() => client.end(), 1_500));
  });
  await new Promise<void>((resolve) => slowReader.listen(0, resolve));
  const session = connectHttp2(`http://127.0.0.1:${(slowReader.address() as AddressInfo).port}`);
  expect(await http2Status(session, '/version')).toBe(200);
  const answers: Promise<unknown>[] = [];
  const send = () => answers.push(http2Status(session, '/version').catch(({ message }) => message));
  send();
  await sleep(100);
  const drained = view.drain();
  while (!session.closed) {
    send();
    await sleep(50);
  }
  // As many as this machine had time for in a second and a half.
  expect(answers.length).toBeGreaterThan(5);
  const [before, ...after] = await Promise.all(answers);
  expect(before).toBe(200);
  const refused = 'Stream closed with error code NGHTTP2_REFUSED_STREAM';
  expect(after).toContain(refused);
  expect(after.filter((answer) => answer !== 200 && answer !== refused)).toEqual([]);
  expect(await drained).toBe(0);
  slowReader.close();
});

function http2Status(session: ReturnType<typeof connectHttp2>, path: string): Promise<number | undefined> {
  return new Promise((resolve, reject) => {
    const stream = session.request({ ':path': path });
    stream.once('error', reject).once('response', (headers) => resolve(headers[':status']));
    stream.resume().end();
  });
}

/** Clients that send one request after the other. None sends a request again. */
class Load {
  readonly failures: string[] = [];
  readonly #port: () => number;
  readonly #byVersion = new Map<string, number>();
  readonly #connections = new Map<number, number>();
  readonly #workers: Promise<void>[] = [];
  #stopped = false;

  constructor(port: () => number) {
    this.#port = port;
  }

  start({ keepAlive, method }: { keepAlive: boolean; method: string }): void {
    const agent = new Agent({ keepAlive, maxSockets: 1 });
    agent.createConnection = () => {
      const port = this.#port();
      this.#connections.set(port, this.connectionsTo(port) + 1);
      return connect({ port, host: '127.0.0.1', noDelay: true });
    };
    this.#workers.push(this.#work(agent, method));
  }

  answers(version: string): number {
    return this.#byVersion.get(version) ?? 0;
  }

  connectionsTo(port: number): number {
    return this.#connections.get(port) ?? 0;
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    await Promise.all(this.#workers);
  }

  async #work(agent: Agent, method: string): Promise<void> {
    while (!this.#stopped) {
      await this.#send(agent, method).catch((error) => this.failures.push(`${method}: ${error.code ?? error.message}`));
      await sleep(20);
    }
    agent.destroy();
  }

  #send(agent: Agent, method: string): Promise<void> {
    return new Promise((resolve, reject) => {
      const path = method === 'POST' ? '/api/orders' : '/api/products';
      const headers = { 'content-type': 'application/json' };
      const sent = request({ agent, method, path, headers }, (response) => {
        response.on('error', reject).on('end', () => {
          const version = /^view=([^,]+)/.exec(String(response.headers['x-shop-versions']))?.[1] ?? 'none';
          this.#byVersion.set(version, this.answers(version) + 1);
          if ((response.statusCode ?? 0) < 300) resolve();
          else reject(new Error(`status ${response.statusCode}`));
        });
        response.resume();
      });
      sent.once('error', reject).end(method === 'POST' ? ORDER : undefined);
    });
  }
}
