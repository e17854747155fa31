import { type CheckAttempt, frontName, previewName } from '../../resources/index.ts';
import { entryComponent } from '../../resources/model/enabled-components.ts';
import { environmentObjectName } from '../../resources/model/object-names.ts';
import type { ServiceAddress } from '../services/service-address.ts';

/**
 * The Service an HTTP check sends its request to. Derived from the RestAPI's name and namespace and a component's port only.
 *
 * @throws Error if the component is not enabled in that environment
 */
export function checkedService({ check, stage, environment }: CheckAttempt): ServiceAddress {
  const { api, name } = environment;
  const entry = entryComponent(api);
  const component = check.http?.component ?? entry;
  if (!api.spec[component].enabled) throw new Error(`component ${component} is not enabled`);
  const active = component === entry ? frontName(api) : environmentObjectName(api, component, name);
  const service = stage === 'prePromotion' ? previewName(api) : active;
  return { scheme: 'http', namespace: api.metadata.namespace ?? '', service, port: api.spec[component].port };
}

/** The origin of a Service in the network of the cluster. */
export function originOf({ scheme, service, namespace, port }: ServiceAddress): string {
  return `${scheme}://${service}.${namespace}.svc:${port}`;
}
