import { readFile } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { type AdminApi, ApiStatusError } from './admin-api.ts';
import { ComponentError, logTail } from './component-error.ts';
import type { clusterFiles } from './components.ts';
import type { SupervisorClient } from './supervisor-client.ts';

/** How long a component may take to become ready, in milliseconds. */
export const READY_DEADLINE_MS = 60_000;
const POLL_MS = 25;

/** Waits until components of a cluster are ready. Every method throws a ComponentError when one ends or the deadline passes. */
export class Readiness {
  readonly #supervisor: SupervisorClient;
  readonly #files: ReturnType<typeof clusterFiles>;
  readonly #api: () => AdminApi;

  constructor(supervisor: SupervisorClient, files: ReturnType<typeof clusterFiles>, api: () => AdminApi) {
    this.#supervisor = supervisor;
    this.#files = files;
    this.#api = api;
  }

  /** @param logStart size of its log before it was started, in bytes */
  async etcd(logStart: number): Promise<void> {
    // Its log, not its port: on the port another cluster's etcd might answer, and this API server must never talk to that.
    await this.until('etcd', 'does not serve', async () => {
      const log = await readFile(this.#files.log('etcd'));
      if (!log.includes('ready to serve client requests', logStart)) throw new Error('not yet');
    });
  }

  async apiServer(): Promise<void> {
    await this.until('kube-apiserver', 'is not ready', () => this.#api().request('GET', '/readyz', undefined, 2000));
  }

  /** Pods are refused in a namespace until the controller manager has created its service account. */
  async serviceAccount(): Promise<void> {
    const path = '/api/v1/namespaces/default/serviceaccounts/default';
    const failure = 'did not create the default ServiceAccount';
    await this.until('kube-controller-manager', failure, () => this.#api().request('GET', path));
  }

  async metricsServer(): Promise<void> {
    const path = '/apis/metrics.k8s.io/v1beta1';
    await this.until('metrics-server', 'is not ready', () => this.#api().request('GET', path));
  }

  /** Tries until it works. @param failure what the component failed to do, for the error */
  async until(
    component: string,
    failure: string,
    attempt: () => Promise<unknown>,
    deadlineMs = READY_DEADLINE_MS,
  ): Promise<void> {
    // Not by the clock, which jumps when a virtual machine is paused.
    const deadline = performance.now() + deadlineMs;
    for (;;) {
      const error = await attempt().then(
        () => undefined,
        (reason: unknown) => reason,
      );
      if (error === undefined) return;
      const exit = this.#supervisor.exitOf(component);
      if (exit !== undefined) {
        const how = exit.signal === null ? `exit code ${exit.code}` : `signal ${exit.signal}`;
        throw await this.#failed(component, `ended (${how})`);
      }
      if (performance.now() > deadline) {
        const why = error instanceof ApiStatusError ? `: ${error.message}` : '';
        throw await this.#failed(component, `${failure} after ${deadlineMs / 1000} s${why}`);
      }
      await sleep(POLL_MS);
    }
  }

  async #failed(component: string, what: string): Promise<ComponentError> {
    return new ComponentError(component, what, await logTail(this.#files.log(component), 25));
  }
}
