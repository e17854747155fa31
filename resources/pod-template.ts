import { hashOf } from '../operator/index.ts';
import { componentEnvironment } from './component-environment.ts';
import { componentPlacement } from './component-placement.ts';
import { componentProbes } from './component-probes.ts';
import { componentSecurity } from './component-security.ts';
import { serviceAccountName } from './component-service-account.ts';
import { componentVolumes } from './component-volumes.ts';
import { environmentName } from './environment-config-map.ts';
import { commonLabels } from './labels.ts';
import { REFERENCES_HASH } from './references.ts';
import type { ComponentName, RestAPI } from './rest-api.ts';

/** What of a pod template is written and read here. */
export interface PodTemplate {
  metadata: { labels: Record<string, string>; annotations: Record<string, string> };
  spec: object;
}

/**
 * What the pods of a component are like.
 *
 * @param referenceHash of what the ConfigMaps and Secrets hold that the component names
 */
export function podTemplate(api: RestAPI, component: ComponentName, referenceHash: string | undefined): PodTemplate {
  const { podLabels, podAnnotations, terminationGracePeriodSeconds, imagePullSecrets, securityContext } =
    api.spec[component];
  return {
    metadata: {
      labels: { ...podLabels, ...commonLabels(api, component) },
      // Pods read variables when they start, so a change of them must make new pods.
      annotations: {
        ...podAnnotations,
        'restapi.dev/env-hash': hashOf(api.spec.envVars ?? {}),
        ...(referenceHash && { [REFERENCES_HASH]: referenceHash }),
      },
    },
    spec: {
      ...account(api, component),
      enableServiceLinks: false,
      terminationGracePeriodSeconds,
      imagePullSecrets: imagePullSecrets ?? api.spec.imagePullSecrets,
      ...componentPlacement(api, component),
      securityContext: componentSecurity(securityContext).pod,
      containers: [container(api, component)],
      volumes: componentVolumes(api, component).volumes,
    },
  };
}

/** Pods get a token only with an account that somebody else made and gave rights to. */
function account(api: RestAPI, component: ComponentName): object {
  const name = api.spec[component].serviceAccountName;
  return name
    ? { serviceAccountName: name }
    : { serviceAccountName: serviceAccountName(api), automountServiceAccountToken: false };
}

function container(api: RestAPI, component: ComponentName): object {
  const { port, resources, image, imagePullPolicy, command, args, envFrom, drainSeconds, securityContext } =
    api.spec[component];
  return {
    name: component,
    image: image ?? api.spec.image,
    imagePullPolicy,
    command,
    args,
    ports: [{ name: component, containerPort: port, protocol: 'TCP' }],
    envFrom: [{ configMapRef: { name: environmentName(api) } }, ...(envFrom ?? [])],
    env: componentEnvironment(api, component),
    resources,
    ...componentProbes(api, component),
    lifecycle: drainSeconds > 0 ? { preStop: { sleep: { seconds: drainSeconds } } } : undefined,
    securityContext: componentSecurity(securityContext).container,
    volumeMounts: componentVolumes(api, component).volumeMounts,
  };
}
