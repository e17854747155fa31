import {
  Controller,
  type KubernetesObject,
  OnAdded,
  OnModified,
  type ReconcileContext,
  type ReconcileResult,
  type ResourceEvent,
} from 'restapi-operator/operator';
import { Catalog, type CatalogStatus } from './catalog.ts';
import type { Decision } from './catalog-page.ts';
import './catalog-page.ts';

const LABEL = 'example.com/catalog';

interface Service extends KubernetesObject {
  spec: { clusterIP: string };
}

@Controller({
  resource: Catalog,
  finalizer: 'example.com/catalog-finalizer',
  // A second kind, which others create. Each change of such a Service reconciles the Catalog that toPrimary names.
  watches: [
    { apiVersion: 'v1', kind: 'Service', labelSelector: LABEL, toPrimary: ({ metadata }) => metadata.labels?.[LABEL] },
  ],
  // Objects that a Catalog names but does not own. Each change of such a Secret reconciles the Catalogs that name it.
  references: ({ spec }) => [{ apiVersion: 'v1', kind: 'Secret', name: spec.secretName }],
  // For rbacRules(), which cannot call `references` without a Catalog.
  referenceKinds: [{ apiVersion: 'v1', kind: 'Secret' }],
})
export class CatalogController {
  @OnAdded()
  @OnModified()
  async reconcile(_event: ResourceEvent, context: ReconcileContext<Catalog>): Promise<ReconcileResult<CatalogStatus>> {
    // Both come from caches and cost no request.
    const services = context.watched<Service>('Service');
    const [secret] = context.references;
    // Only a hash of the Secret's data is available, never the data itself.
    const addresses = services.map(({ metadata, spec }) => `${metadata.name} ${spec.clusterIP}`).sort();
    const decision: Decision = { addresses, credentialsHash: secret?.hash };
    await context.apply(decision);
    const missing = secret?.hash === undefined ? { missing: `Secret ${secret?.name}` } : {};
    return { status: { services: services.length, ...missing } };
  }
}
