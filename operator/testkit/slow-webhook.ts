import { once } from 'node:events';
import { createServer, type Server } from 'node:https';
import type { AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { KubernetesObjectApi } from '@kubernetes/client-node';
import type { ControlPlane } from './control-plane.ts';

export interface SlowWebhookOptions {
  /** Of the ValidatingWebhookConfiguration. */
  name: string;
  /** How long each answer takes, milliseconds; the API server waits for 30 s at most. */
  delayMs: number;
  /** Kinds whose creations and updates the API server sends to it. Subresources count as separate kinds: `pods/status`. */
  kinds: readonly { group: string; plural: string }[];
  /** Namespaces whose objects the API server sends to it. */
  namespaces: readonly string[];
}

/**
 * Starts an admission webhook that allows everything, slowly, and registers it. Requests of the administrator skip it.
 *
 * @throws Error when the API server refuses the registration
 */
export async function startSlowWebhook(cluster: ControlPlane, options: SlowWebhookOptions): Promise<SlowWebhook> {
  const server = createServer(await cluster.issueServerCertificate(options.name));
  const webhook = new SlowWebhook(cluster, server, options);
  await webhook.start();
  return webhook;
}

/**
 * A running webhook. Made by {@link startSlowWebhook}.
 *
 * @example
 * ```ts
 * const kinds = [{ group: '', plural: 'configmaps' }];
 * await using webhook = await startSlowWebhook(cluster, { name: 'slow', delayMs: 8_000, kinds, namespaces: ['team-a'] });
 * ```
 */
export class SlowWebhook implements AsyncDisposable {
  /** How often it was asked. */
  asked = 0;
  readonly #cluster: ControlPlane;
  readonly #server: Server;
  readonly #options: SlowWebhookOptions;

  /** Use {@link startSlowWebhook}. */
  constructor(cluster: ControlPlane, server: Server, options: SlowWebhookOptions) {
    this.#cluster = cluster;
    this.#server = server;
    this.#options = options;
    server.on('request', async (request, response) => {
      this.asked += 1;
      const chunks: Buffer[] = [];
      for await (const chunk of request) chunks.push(chunk);
      const review = JSON.parse(Buffer.concat(chunks).toString()) as { request: { uid: string } };
      await sleep(options.delayMs);
      const answer = { apiVersion: 'admission.k8s.io/v1', kind: 'AdmissionReview' };
      response.setHeader('content-type', 'application/json');
      response.end(JSON.stringify({ ...answer, response: { uid: review.request.uid, allowed: true } }));
    });
  }

  /** Called once, by {@link startSlowWebhook}. */
  async start(): Promise<void> {
    this.#server.listen(0, '127.0.0.1');
    await once(this.#server, 'listening');
    const { name, kinds, namespaces } = this.#options;
    const url = `https://127.0.0.1:${(this.#server.address() as AddressInfo).port}/`;
    const webhook = {
      name: `${name}.testkit.example.com`,
      clientConfig: { url, caBundle: Buffer.from(this.#cluster.caCert).toString('base64') },
      rules: kinds.map(({ group, plural }) => ({
        apiGroups: [group],
        apiVersions: ['*'],
        operations: ['CREATE', 'UPDATE'],
        resources: [plural],
        scope: 'Namespaced',
      })),
      namespaceSelector: {
        matchExpressions: [{ key: 'kubernetes.io/metadata.name', operator: 'In', values: [...namespaces] }],
      },
      matchConditions: [
        { name: 'not-the-administrator', expression: "!('system:masters' in request.userInfo.groups)" },
      ],
      sideEffects: 'None',
      timeoutSeconds: 30,
      failurePolicy: 'Ignore',
      admissionReviewVersions: ['v1'],
    };
    await this.#api.create({ ...this.#identity, webhooks: [webhook] } as never);
  }

  /** Removes the registration; the API server notices within a second. */
  async stop(): Promise<void> {
    await this.#api.delete(this.#identity);
    // Earlier reviews are still answered.
    await sleep(this.#options.delayMs);
    this.#server.closeAllConnections();
    this.#server.close();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.stop();
  }

  get #identity() {
    const { name } = this.#options;
    return {
      apiVersion: 'admissionregistration.k8s.io/v1',
      kind: 'ValidatingWebhookConfiguration',
      metadata: { name },
    };
  }

  get #api(): KubernetesObjectApi {
    return KubernetesObjectApi.makeApiClient(this.#cluster.kubeConfig);
  }
}
