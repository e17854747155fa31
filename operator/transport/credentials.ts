import { createHash } from 'node:crypto';
import type { RequestOptions } from 'node:https';
import { type Cluster, KubeConfig, type User } from '@kubernetes/client-node';
import { type ExecConfig, ExecPlugin } from './exec-plugin.ts';

/** A plugin's credential is used at least this long even if it seems expired, milliseconds: the clock of this machine may be ahead. */
const SHORTEST_USE_MS = 1_000;

/** TLS settings of the connection to the API server. */
export interface TlsSettings {
  ca?: string | Buffer;
  cert?: string | Buffer;
  key?: string | Buffer;
  passphrase?: string;
  servername?: string;
  rejectUnauthorized?: boolean;
}

/** The credentials of a request. */
export interface ResolvedCredentials {
  /** Authorization, impersonation. */
  headers: Record<string, string>;
  tls: TlsSettings;
  /** Equal for equal `tls`: a connection may be reused while this is unchanged. */
  tlsFingerprint: string;
}

/**
 * Credentials of a kubeconfig's current context. Exec plugins are run by ExecPlugin; tokens, token files, client certificates and
 * OIDC are handled by client-node's authenticators.
 *
 * The source is read again once the cached credentials are `ttlMs` old (token and certificate files are read again; exec plugins
 * run again only when their credential has expired), and at once after refresh(). Concurrent callers share one read.
 */
export class Credentials {
  readonly #original: KubeConfig;
  readonly #ttlMs: number;
  readonly #plugin: ExecPlugin | undefined;
  #source: KubeConfig;
  #cached: { value: ResolvedCredentials; until: number } | undefined;
  #pending: Promise<ResolvedCredentials> | undefined;

  /**
   * @param execTimeoutMs how long an exec plugin may run, milliseconds.
   * @throws Error when the kubeconfig has no current cluster.
   */
  constructor(kubeConfig: KubeConfig, ttlMs: number, execTimeoutMs: number) {
    this.#original = kubeConfig;
    this.#ttlMs = ttlMs;
    const exec = Object.getPrototypeOf(kubeConfig) === KubeConfig.prototype ? execOf(kubeConfig) : undefined;
    this.#plugin = exec && new ExecPlugin(exec, execTimeoutMs);
    this.#source = withoutCaches(kubeConfig);
  }

  /** The exec plugin, for messages; undefined if there is none. */
  get source(): string | undefined {
    return this.#plugin?.description;
  }

  /** Kills an exec plugin that is running. */
  close(): void {
    this.#plugin?.close();
  }

  /** Returns the cached credentials, undefined if there are none or they are too old. */
  cached(): ResolvedCredentials | undefined {
    return this.#cached !== undefined && Date.now() < this.#cached.until ? this.#cached.value : undefined;
  }

  /** Returns the current credentials. Rejects when their source fails (exec plugin, unreadable file). */
  current(): Promise<ResolvedCredentials> {
    const known = this.cached();
    if (known !== undefined) return Promise.resolve(known);
    // One read at a time: an exec plugin must not be started once per waiting request.
    this.#pending ??= this.#resolve().finally(() => {
      this.#pending = undefined;
    });
    return this.#pending;
  }

  /**
   * Drops the cached credentials because the server refused them (401). Does nothing when others are cached: another request has
   * refreshed them already.
   */
  refresh(refused: ResolvedCredentials): void {
    if (this.#cached?.value !== refused) return;
    this.#cached = undefined;
    this.#plugin?.forget();
    this.#source = withoutCaches(this.#original);
  }

  async #resolve(): Promise<ResolvedCredentials> {
    // client-node caches a token file for 60 s; in addition to our own cache that would be too long.
    if (this.#source.getCurrentUser()?.authProvider?.config?.tokenFile) this.#source = withoutCaches(this.#original);
    const given = await this.#plugin?.credential();
    const options: RequestOptions & TlsSettings = {};
    await this.#source.applyToHTTPSOptions(options);
    const headers: Record<string, string> = {};
    for (const [name, value] of Object.entries(options.headers ?? {})) {
      if (value !== undefined) headers[name.toLowerCase()] = String(value).trim();
    }
    if (options.auth) headers.authorization = `Basic ${Buffer.from(options.auth).toString('base64')}`;
    const tls: TlsSettings = {};
    for (const name of ['ca', 'cert', 'key', 'passphrase', 'servername', 'rejectUnauthorized'] as const) {
      // client-node uses null for "not set" in places.
      if (options[name] !== undefined && options[name] !== null) Object.assign(tls, { [name]: options[name] });
    }
    // A token in the kubeconfig wins, as in client-node.
    if (given?.token !== undefined) headers.authorization ??= `Bearer ${given.token}`;
    if (given?.certificate !== undefined) Object.assign(tls, { cert: given.certificate, key: given.key });
    const value = { headers, tls, tlsFingerprint: fingerprint(tls) };
    const expiresInMs = (given?.expiresAt ?? Number.POSITIVE_INFINITY) - Date.now();
    this.#cached = { value, until: Date.now() + Math.min(this.#ttlMs, Math.max(expiresInMs, SHORTEST_USE_MS)) };
    return value;
  }
}

function fingerprint(tls: TlsSettings): string {
  const hash = createHash('sha256');
  for (const name of ['ca', 'cert', 'key', 'passphrase', 'servername', 'rejectUnauthorized'] as const) {
    hash.update(`${name}:`);
    hash.update(tls[name] === undefined ? '-' : typeof tls[name] === 'boolean' ? String(tls[name]) : tls[name]);
    hash.update('\n');
  }
  return hash.digest('hex');
}

/** Returns a KubeConfig for the same cluster and user with empty authenticator caches. */
function withoutCaches(kubeConfig: KubeConfig): KubeConfig {
  const cluster = kubeConfig.getCurrentCluster();
  if (cluster === null) {
    throw new Error(
      `the kubeconfig has no current cluster (current context: "${kubeConfig.getCurrentContext()}"); set KUBECONFIG or current-context`,
    );
  }
  // A subclass may fetch credentials in its own way.
  if (Object.getPrototypeOf(kubeConfig) !== KubeConfig.prototype) return kubeConfig;
  const fresh = new KubeConfig();
  // Without a user client-node would not apply the cluster's CA.
  fresh.loadFromClusterAndUser(
    withPlainHttp(cluster),
    withoutExec(kubeConfig.getCurrentUser() ?? { name: 'anonymous' }),
  );
  const own = kubeConfig as unknown as { custom_authenticators?: Parameters<KubeConfig['addAuthenticator']>[0][] };
  for (const authenticator of own.custom_authenticators ?? []) fresh.addAuthenticator(authenticator);
  return fresh;
}

/** client-node refuses http:// unless skipTLSVerify is set; on the loopback interface (kubectl proxy) there is nothing to verify. */
function withPlainHttp(cluster: Cluster): Cluster {
  const url = new URL(cluster.server);
  const loopback = ['localhost', '127.0.0.1', '[::1]'].includes(url.hostname);
  return url.protocol === 'http:' && loopback ? { ...cluster, skipTLSVerify: true } : cluster;
}

/** Returns the exec plugin of the current user, in the current form or that of old client-node versions. */
function execOf(kubeConfig: KubeConfig): ExecConfig | undefined {
  const user = kubeConfig.getCurrentUser();
  const { name, config } = (user?.authProvider ?? {}) as { name?: string; config?: { exec?: ExecConfig } };
  return user?.exec ?? (name === 'exec' ? config?.exec : undefined);
}

/** Returns the user without its plugin, which client-node would run without a deadline. */
function withoutExec(user: User): User {
  // The same object if it needs no change, as the owner of the kubeconfig may update its fields.
  if (user.exec === undefined && user.authProvider?.name !== 'exec') return user;
  const { exec: _, ...rest } = user;
  if (rest.authProvider?.name === 'exec') delete rest.authProvider;
  return rest as User;
}
