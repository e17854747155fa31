import {
  type Dependent,
  DependentResource,
  hashOf,
  type KubernetesObject,
  type StoredObject,
} from '../operator/index.ts';
import { componentEnvironment } from './component-environment.ts';
import { ComponentServiceAccount, serviceAccountName } from './component-service-account.ts';
import { enabledComponents, replicasOf } from './enabled-components.ts';
import { EnvironmentConfigMap, environmentName } from './environment-config-map.ts';
import { commonLabels, componentObjectName, componentSelector } from './labels.ts';
import { type ComponentName, RestAPI } from './rest-api.ts';

/** What of a Deployment is written and read here. */
export interface Deployment extends KubernetesObject {
  spec: { replicas: number; selector: object; strategy: object; template: object };
  status?: {
    observedGeneration?: number;
    replicas?: number;
    updatedReplicas?: number;
    readyReplicas?: number;
    availableReplicas?: number;
  };
}

/** The pods of each enabled component. */
@DependentResource(RestAPI, {
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  dependsOn: [EnvironmentConfigMap, ComponentServiceAccount],
})
export class ComponentDeployment implements Dependent<RestAPI, Deployment> {
  desired(api: RestAPI): Deployment[] {
    return enabledComponents(api).map((component) => deployment(api, component));
  }

  ready({ metadata, spec, status = {} }: StoredObject<Deployment>): true | string {
    const { observedGeneration = 0, replicas = 0, updatedReplicas = 0, availableReplicas = 0 } = status;
    if (observedGeneration < (metadata.generation ?? 0)) return 'the change has not been taken up yet';
    if (updatedReplicas < spec.replicas)
      return `${updatedReplicas} of ${spec.replicas} pods are of the current version`;
    if (replicas > updatedReplicas) return `${replicas - updatedReplicas} pods of an older version are still there`;
    if (availableReplicas < spec.replicas) return `${availableReplicas} of ${spec.replicas} pods are available`;
    return true;
  }
}

function deployment(api: RestAPI, component: ComponentName): Deployment {
  const labels = commonLabels(api, component);
  const selector = componentSelector(api, component);
  const { nodeSelector, podLabels, podAnnotations, terminationGracePeriodSeconds } = api.spec[component];
  return {
    metadata: { name: componentObjectName(api, component), labels },
    spec: {
      replicas: replicasOf(api, component),
      selector: { matchLabels: selector },
      // A new pod serves before an old one goes.
      strategy: { type: 'RollingUpdate', rollingUpdate: { maxUnavailable: 0, maxSurge: '25%' } },
      template: {
        metadata: {
          labels: { ...podLabels, ...labels },
          // Pods read the ConfigMap when they start, so a change of it must make new pods.
          annotations: { ...podAnnotations, 'restapi.dev/env-hash': hashOf(api.spec.envVars ?? {}) },
        },
        spec: {
          serviceAccountName: serviceAccountName(api),
          automountServiceAccountToken: false,
          enableServiceLinks: false,
          terminationGracePeriodSeconds,
          nodeSelector,
          securityContext: { runAsNonRoot: true, seccompProfile: { type: 'RuntimeDefault' } },
          containers: [container(api, component)],
        },
      },
    },
  };
}

function container(api: RestAPI, component: ComponentName): object {
  const { port, resources, image, imagePullPolicy, command, args } = api.spec[component];
  const health = { httpGet: { path: '/health', port: component } };
  return {
    name: component,
    image: image ?? api.spec.image,
    imagePullPolicy,
    command,
    args,
    ports: [{ name: component, containerPort: port, protocol: 'TCP' }],
    envFrom: [{ configMapRef: { name: environmentName(api) } }],
    env: componentEnvironment(api, component),
    resources,
    livenessProbe: { ...health, initialDelaySeconds: 10, periodSeconds: 10, failureThreshold: 3 },
    readinessProbe: { ...health, periodSeconds: 5, failureThreshold: 3 },
    securityContext: { allowPrivilegeEscalation: false, capabilities: { drop: ['ALL'] } },
  };
}
