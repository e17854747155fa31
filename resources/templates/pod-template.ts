import { hashOf } from '../../operator/index.ts';
import type { ComponentName, RestAPI } from '../api/rest-api.ts';
import type { Environment } from '../model/environment.ts';
import { environmentLabels } from '../model/labels.ts';
import { environmentName, serviceAccountName } from '../model/object-names.ts';
import { REFERENCES_HASH } from '../model/references.ts';
import { resized } from '../model/resized.ts';
import { componentEnvironment } from './component-environment.ts';
import { componentMetrics, metricsAnnotations } from './component-metrics.ts';
import { componentPlacement } from './component-placement.ts';
import { componentProbes } from './component-probes.ts';
import { componentSecurity } from './component-security.ts';
import { componentVolumes } from './component-volumes.ts';
import { defaultPullPolicy } from './image-pull-policy.ts';
import { forPods } from './reference-for-pods.ts';

/** The fields of a pod template that the operator uses. */
export interface PodTemplate {
  metadata: { labels: Record<string, string>; annotations: Record<string, string> };
  spec: object;
}

/** Returns the pod template of a component. */
export function podTemplate(environment: Environment, component: ComponentName): PodTemplate {
  const { api, referenceHashes } = environment;
  const referenceHash = referenceHashes[component];
  const { podLabels, podAnnotations, terminationGracePeriodSeconds, imagePullSecrets, securityContext } =
    api.spec[component];
  const security = componentSecurity(securityContext);
  const { volumes, volumeMounts } = componentVolumes(api, component);
  return {
    metadata: {
      labels: { ...podLabels, ...environmentLabels(environment, component) },
      // Pods read variables at start, so a change must replace them.
      annotations: {
        ...metricsAnnotations(api, component),
        ...podAnnotations,
        'restapi.dev/env-hash': hashOf(api.spec.envVars ?? {}),
        ...(referenceHash && { [REFERENCES_HASH]: referenceHash }),
      },
    },
    spec: {
      ...account(api, component),
      enableServiceLinks: false,
      terminationGracePeriodSeconds,
      // Server-side apply makes an empty list that replaces another one absent, so both must mean the same.
      imagePullSecrets: imagePullSecrets?.length ? imagePullSecrets : api.spec.imagePullSecrets,
      ...componentPlacement(environment, component),
      securityContext: security.pod,
      containers: [{ ...container(environment, component), securityContext: security.container, volumeMounts }],
      volumes,
    },
  };
}

/** Pods get a token only with a ServiceAccount of the user, never with the generated one. */
function account(api: RestAPI, component: ComponentName): object {
  const name = api.spec[component].serviceAccountName;
  return name
    ? { serviceAccountName: name }
    : { serviceAccountName: serviceAccountName(api), automountServiceAccountToken: false };
}

function container(environment: Environment, component: ComponentName): object {
  const { api } = environment;
  const requests = environment.requests?.[component];
  const {
    port,
    resources,
    image = api.spec.image,
    imagePullPolicy,
    command,
    args,
    envFrom,
    drainSeconds,
  } = api.spec[component];
  const metrics = componentMetrics(api, component);
  return {
    name: component,
    image,
    imagePullPolicy: imagePullPolicy ?? defaultPullPolicy(image),
    command,
    args,
    ports: [
      { name: component, containerPort: port, protocol: 'TCP' },
      ...(metrics && metrics.port !== port
        ? [{ name: metrics.portName, containerPort: metrics.port, protocol: 'TCP' }]
        : []),
    ],
    envFrom: [
      { configMapRef: { name: environmentName(environment) } },
      ...(envFrom ?? []).map((source) => forPods(environment, source)),
    ],
    env: componentEnvironment(environment, component),
    resources: requests ? resized(resources, requests) : resources,
    ...componentProbes(api, component),
    lifecycle: drainSeconds > 0 ? { preStop: { sleep: { seconds: drainSeconds } } } : undefined,
  };
}
