import { type CheckAttempt, frontName, previewName } from '../../resources/index.ts';
import { entryComponent } from '../../resources/model/enabled-components.ts';
import { environmentObjectName } from '../../resources/model/object-names.ts';

/**
 * Where an HTTP check asks: scheme, host and port. All of it comes from the RestAPI's own name and namespace, and the
 * port of one of its components.
 *
 * @throws Error if the component is not enabled in the environment that is looked at
 */
export function checkOrigin({ check, stage, environment }: CheckAttempt): string {
  const { api, name } = environment;
  const entry = entryComponent(api);
  const component = check.http?.component ?? entry;
  if (!api.spec[component].enabled) throw new Error(`component ${component} is not enabled`);
  const active = component === entry ? frontName(api) : environmentObjectName(api, component, name);
  const service = stage === 'prePromotion' ? previewName(api) : active;
  return `http://${service}.${api.metadata.namespace}.svc:${api.spec[component].port}`;
}
