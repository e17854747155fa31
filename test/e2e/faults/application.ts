import { sample } from '../../support/operator-cluster.ts';
import type { Admin } from './admin.ts';
import type { DeploymentWatch } from './deployment-watch.ts';

const COMPONENTS = ['model', 'view', 'controller', 'repository'];
const RESTAPI = { apiVersion: 'restapi.dev/v1alpha1', kind: 'RestAPI' };

/** RestAPIs in one namespace that all name the Secret `db`, and what people do to them. Versions are whole numbers. */
export class Application {
  readonly #namespace: string;
  readonly #admin: Admin;
  readonly #watch: DeploymentWatch;
  #secrets = 0;

  constructor(namespace: string, admin: Admin, watch: DeploymentWatch) {
    this.#namespace = namespace;
    this.#admin = admin;
    this.#watch = watch;
  }

  async createSecret(): Promise<void> {
    await this.#admin.create({ ...this.#secret, stringData: { password: '0' } });
  }

  async changeSecret(): Promise<void> {
    this.#secrets += 1;
    await this.#admin.patch({ ...this.#secret, stringData: { password: `${this.#secrets}` } });
  }

  async create(name: string, version: number): Promise<void> {
    const model = { envFrom: [{ secretRef: { name: 'db' } }] };
    await this.#admin.create(sample(name, { image: imageOf(version), model }, this.#namespace));
  }

  async release(name: string, version: number): Promise<void> {
    const metadata = { name, namespace: this.#namespace };
    await this.#admin.patch({ ...RESTAPI, metadata, spec: { image: imageOf(version) } });
  }

  /** Deletes one of its Deployments by mistake. */
  async loseDeployment(name: string): Promise<void> {
    const metadata = { name: `${name}-view`, namespace: this.#namespace };
    await this.#admin.delete({ apiVersion: 'apps/v1', kind: 'Deployment', metadata });
  }

  /** Whether all its Deployments are there, in this version. */
  runs(name: string, version: number): boolean {
    const now = this.#watch.now(this.#namespace);
    return COMPONENTS.every((component) => now.get(`${name}-${component}`)?.version === version);
  }

  /** Whether everything it needs first is there, and all its Deployments in this version. */
  async isServed(name: string, version: number): Promise<boolean> {
    const metadata = { name: `${name}-env`, namespace: this.#namespace };
    return this.runs(name, version) && this.#admin.exists({ apiVersion: 'v1', kind: 'ConfigMap', metadata });
  }

  /** The hash of the Secret in the pods of the component that references it. */
  secretTold(name: string): string | undefined {
    return this.#watch.now(this.#namespace).get(`${name}-model`)?.references;
  }

  get #secret(): object {
    return { apiVersion: 'v1', kind: 'Secret', metadata: { name: 'db', namespace: this.#namespace } };
  }
}

function imageOf(version: number): string {
  return `registry.example.com/shop:${version}.0.0`;
}
