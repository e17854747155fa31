import { createServer, type RequestListener, type Server } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { errorFields, type Logger } from '../log/logger.ts';
import type { KeyPair } from './self-signed.ts';
import type { ServerCertificate } from './server-certificate.ts';

/** Where to listen. */
export interface Address {
  /** Default: all interfaces. */
  host?: string | undefined;
  /** 0 for any free one. */
  port: number;
}

/**
 * Reads an address such as `:8081` (all interfaces) or `127.0.0.1:0` (any free port).
 *
 * @param served what is served there, for the message @throws Error if it is invalid
 */
export function readAddress(address: string, served: string): Address {
  // An IPv6 address is in brackets.
  const [, bracketed, host = bracketed, port] = /^(?:\[([^\]]*)\]|([^[\]]*)):(\d{1,5})$/.exec(address) ?? [];
  if (port === undefined || Number(port) > 65_535) {
    throw new Error(`invalid address ${address} for ${served}: use host:port or :port`);
  }
  return { host: host || undefined, port: Number(port) };
}

/** An HTTP server, over TLS if it has a certificate, whose later versions it uses for new connections. */
export class HttpListener {
  readonly #handler: RequestListener;
  readonly #certificate: ServerCertificate | undefined;
  readonly #log: Logger;
  readonly #maxConnections: number | undefined;
  #server: Server | undefined;
  #address: Address | undefined;
  #closed = false;

  constructor(
    handler: RequestListener,
    {
      certificate,
      logger,
      maxConnections,
    }: { certificate?: ServerCertificate; logger: Logger; maxConnections?: number },
  ) {
    this.#handler = handler;
    this.#certificate = certificate;
    this.#log = logger;
    this.#maxConnections = maxConnections;
  }

  /** The port, once it listens. */
  get port(): number | undefined {
    return this.#address?.port;
  }

  /** Listens. @returns the port @throws Error if it is in use, or there is no certificate */
  async listen(address: Address): Promise<number> {
    const pair = await this.#certificate?.follow((renewed) => this.#renew(renewed));
    return this.#open(address, pair);
  }

  /** Stops listening and closes open connections. */
  async close(): Promise<void> {
    this.#closed = true;
    await this.#end();
  }

  async #end(): Promise<void> {
    const server = this.#server;
    if (!server?.listening) return;
    const ended = new Promise((resolve) => server.close(resolve));
    server.closeAllConnections();
    await ended;
  }

  async #open(address: Address, pair: KeyPair | undefined): Promise<number> {
    const server = pair ? createTlsServer({ ...pair }, this.#handler) : createServer(this.#handler);
    if (this.#maxConnections !== undefined) server.maxConnections = this.#maxConnections;
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject);
      server.listen({ port: address.port, host: address.host }, resolve);
    });
    const { port } = server.address() as AddressInfo;
    this.#server = server;
    this.#address = { ...address, port };
    return port;
  }

  #renew(pair: KeyPair): void {
    const server = this.#server as (Server & { setSecureContext?: (pair: KeyPair) => void }) | undefined;
    if (typeof server?.setSecureContext === 'function') server.setSecureContext(pair);
    else void this.#reopen(pair);
  }

  /** For runtimes whose servers cannot change their certificate (Deno): connections are refused for a moment. */
  async #reopen(pair: KeyPair): Promise<void> {
    const address = this.#address;
    if (!address) return;
    try {
      await this.#end();
      if (!this.#closed) await this.#open(address, pair);
    } catch (error) {
      this.#log.error('Could not listen again with the new server certificate', { ...address, ...errorFields(error) });
    }
    if (this.#closed) await this.#end();
  }
}
