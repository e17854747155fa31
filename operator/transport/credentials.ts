import { createHash } from 'node:crypto';
import type { RequestOptions } from 'node:https';
import { type Cluster, KubeConfig, type User } from '@kubernetes/client-node';
import { type ExecConfig, ExecPlugin } from './exec-plugin.ts';

/** What a plugin gave is used for so long although it seems to have expired: the clock of this machine may be ahead. */
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

/** What a request needs to be let in. */
export interface ResolvedCredentials {
  /** Authorization, impersonation. */
  headers: Record<string, string>;
  tls: TlsSettings;
  /** Equal for equal `tls`: a connection may be reused as long as this stays the same. */
  tlsFingerprint: string;
}

/**
 * Credentials of a kubeconfig's current context: exec plugins are run by ExecPlugin, all else (tokens, token files,
 * client certificates, OIDC) comes by way of client-node's authenticators.
 *
 * The source is asked again once the cached answer is `ttlMs` old (token and certificate files are read again then;
 * exec plugins run again only when what they gave has expired), and at once after refresh(). It is asked once for all
 * who wait.
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

  /** Who is asked, for messages; undefined where that is a matter of course. */
  get source(): string | undefined {
    return this.#plugin?.description;
  }

  /** Ends an exec plugin that is running. */
  close(): void {
    this.#plugin?.close();
  }

  /** The credentials to use now, if they are known without asking their source. */
  cached(): ResolvedCredentials | undefined {
    return this.#cached !== undefined && Date.now() < this.#cached.until ? this.#cached.value : undefined;
  }

  /** The credentials to use now. Rejects when their source fails (exec plugin, unreadable file). */
  current(): Promise<ResolvedCredentials> {
    const known = this.cached();
    if (known !== undefined) return Promise.resolve(known);
    // One question at a time: an exec plugin must not be started once per waiting request.
    this.#pending ??= this.#resolve().finally(() => {
      this.#pending = undefined;
    });
    return this.#pending;
  }

  /**
   * Forget what was cached, because the server refused it (401). Does nothing when the refused credentials are
   * no longer the cached ones: then another request has done this already.
   */
  refresh(refused: ResolvedCredentials): void {
    if (this.#cached?.value !== refused) return;
    this.#cached = undefined;
    this.#plugin?.forget();
    this.#source = withoutCaches(this.#original);
  }

  async #resolve(): Promise<ResolvedCredentials> {
    // client-node keeps a token file's content for 60 s of its own; on top of our own time that would be too long.
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
      // null is client-node's "not set" here and there.
      if (options[name] !== undefined && options[name] !== null) Object.assign(tls, { [name]: options[name] });
    }
    // A token that stands in the kubeconfig wins, as in client-node.
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

/** A KubeConfig for the same cluster and user whose authenticators remember nothing. */
function withoutCaches(kubeConfig: KubeConfig): KubeConfig {
  const cluster = kubeConfig.getCurrentCluster();
  if (cluster === null) {
    throw new Error(
      `the kubeconfig has no current cluster (current context: "${kubeConfig.getCurrentContext()}"); set KUBECONFIG or current-context`,
    );
  }
  // A subclass may fetch credentials in its own way: leave it alone.
  if (Object.getPrototypeOf(kubeConfig) !== KubeConfig.prototype) return kubeConfig;
  const fresh = new KubeConfig();
  // Without a user client-node would not even apply the cluster's CA.
  fresh.loadFromClusterAndUser(
    withPlainHttp(cluster),
    withoutExec(kubeConfig.getCurrentUser() ?? { name: 'anonymous' }),
  );
  const own = kubeConfig as unknown as { custom_authenticators?: Parameters<KubeConfig['addAuthenticator']>[0][] };
  for (const authenticator of own.custom_authenticators ?? []) fresh.addAuthenticator(authenticator);
  return fresh;
}

/** client-node refuses http:// unless skipTLSVerify is set; to this very machine (kubectl proxy) there is nothing to verify. */
function withPlainHttp(cluster: Cluster): Cluster {
  const url = new URL(cluster.server);
  const loopback = ['localhost', '127.0.0.1', '[::1]'].includes(url.hostname);
  return url.protocol === 'http:' && loopback ? { ...cluster, skipTLSVerify: true } : cluster;
}

/** The exec plugin of the current user, in the form of today or in that of old client-node versions. */
function execOf(kubeConfig: KubeConfig): ExecConfig | undefined {
  const user = kubeConfig.getCurrentUser();
  const { name, config } = (user?.authProvider ?? {}) as { name?: string; config?: { exec?: ExecConfig } };
  return user?.exec ?? (name === 'exec' ? config?.exec : undefined);
}

/** client-node would run the plugin itself: without a deadline. */
function withoutExec(user: User): User {
  // The very object where it needs no change: whoever made the kubeconfig may exchange its fields.
  if (user.exec === undefined && user.authProvider?.name !== 'exec') return user;
  const { exec: _, ...rest } = user;
  if (rest.authProvider?.name === 'exec') delete rest.authProvider;
  return rest as User;
}
