/** Labels by which a release can be followed from outside: part of what users may rely on, so spelled out here. */
export const NAME_LABEL = 'restapi.dev/name';
export const COMPONENT_LABEL = 'restapi.dev/component';
export const ENVIRONMENT_LABEL = 'restapi.dev/environment';
/** Put on EndpointSlices by Kubernetes: the Service they are of. */
export const SERVICE_NAME = 'kubernetes.io/service-name';

export const ENVIRONMENTS = ['main', 'blue', 'green'];
