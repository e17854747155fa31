/** The kinds that show the state of a RestAPI. */
export const DEPLOYMENT = { group: 'apps', version: 'v1', kind: 'Deployment', plural: 'deployments', namespaced: true };
export const SERVICE = { group: '', version: 'v1', kind: 'Service', plural: 'services', namespaced: true };
export const POD = { group: '', version: 'v1', kind: 'Pod', plural: 'pods', namespaced: true };

/** Selects what is generated for the RestAPI of this name, or for any: every generated object has this label. */
export function generatedSelector(name?: string): string {
  return name === undefined ? 'restapi.dev/name' : `restapi.dev/name=${name}`;
}
