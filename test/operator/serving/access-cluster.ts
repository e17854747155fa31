import type { KubeConfig } from '@kubernetes/client-node';
import { type ControlPlane, startControlPlane } from '../../../operator/testkit/index.ts';
import { kubectl } from '../../support/kubectl.ts';
import { untilGranted } from '../../support/until-allowed.ts';

/** The account of an operator that may review tokens. */
const OPERATOR = 'operator';

/** An API server with an operator's account that may review tokens, and clients of it. */
export class AccessCluster implements AsyncDisposable {
  readonly cluster: ControlPlane;
  /** The credentials of the operator. */
  readonly operatorConfig: KubeConfig;

  private constructor(cluster: ControlPlane, operatorConfig: KubeConfig) {
    this.cluster = cluster;
    this.operatorConfig = operatorConfig;
  }

  static async start(): Promise<AccessCluster> {
    const cluster = await startControlPlane({ controllerManager: false, scheduler: false, kwokNodes: 0 });
    await kubectl(cluster, ['create', 'serviceaccount', OPERATOR]);
    const binding = ['create', 'clusterrolebinding', OPERATOR, '--clusterrole=system:auth-delegator'];
    await kubectl(cluster, [...binding, `--serviceaccount=default:${OPERATOR}`]);
    await untilGranted(cluster, 'default', OPERATOR);
    return new AccessCluster(cluster, await cluster.serviceAccountKubeConfig('default', OPERATOR));
  }

  kubectl(...args: string[]): Promise<string> {
    return kubectl(this.cluster, args);
  }

  /** Makes a client. @param urls nonResourceURLs that it may get @returns its token */
  async client(name: string, urls: readonly string[] = [], ...tokenFlags: string[]): Promise<string> {
    await this.kubectl('create', 'serviceaccount', name);
    for (const url of urls) {
      const role = `${name}-${url.slice(1)}`;
      await this.kubectl('create', 'clusterrole', role, '--verb=get', `--non-resource-url=${url}`);
      const to = [`--clusterrole=${role}`, `--serviceaccount=default:${name}`];
      await this.kubectl('create', 'clusterrolebinding', role, ...to);
    }
    return this.token(name, ...tokenFlags);
  }

  /** A token of an account. */
  async token(name: string, ...flags: string[]): Promise<string> {
    return (await this.kubectl('create', 'token', name, ...flags)).trim();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.cluster.stop();
  }
}
