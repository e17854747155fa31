import { type Dependent, DependentResource, type KubernetesObject, type StoredObject } from '../../operator/index.ts';
import { COMPONENTS, type ComponentName, RestAPI } from '../api/rest-api.ts';
import { ADOPTED_HASH } from '../model/adopted-hash.ts';
import { storageOf } from '../model/component-storage.ts';
import { type Decision, plainDecision } from '../model/decision.ts';
import { deployedComponents, type Environment } from '../model/environment.ts';
import { COMPONENT_LABEL, environmentLabels, podSelector } from '../model/labels.ts';
import { environmentObjectName } from '../model/object-names.ts';
import { scalingOf } from '../model/scaling.ts';
import { type PodTemplate, podTemplate } from '../templates/pod-template.ts';
import { ComponentServiceAccount } from './component-service-account.ts';
import { ConfigMapCopies } from './config-map-copies.ts';
import { EnvironmentConfigMap } from './environment-config-map.ts';
import { RepositoryClaim } from './repository-claim.ts';
import { RevisionHistory } from './revision-history.ts';

/** Annotation of a Deployment with the revision of its pods. */
export const REVISION = 'restapi.dev/revision';

/** Annotation of an autoscaled Deployment with the replicas that the spec declares. */
export const ASKED_REPLICAS = 'restapi.dev/asked-replicas';

/** Annotation of a Deployment with the requests that override the spec, as JSON. */
export const REQUESTS = 'restapi.dev/requests';

/** The fields of a Deployment that the operator uses. */
export interface Deployment extends KubernetesObject {
  spec: { replicas: number; minReadySeconds?: number; selector: object; strategy: object; template: PodTemplate };
  status?: {
    observedGeneration?: number;
    replicas?: number;
    updatedReplicas?: number;
    readyReplicas?: number;
    availableReplicas?: number;
    conditions?: { type: string; status: string; reason: string; message?: string; lastUpdateTime: string }[];
  };
}

/** Deployments of the enabled components of each environment. */
@DependentResource(RestAPI, {
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  dependsOn: [ConfigMapCopies, EnvironmentConfigMap, ComponentServiceAccount, RepositoryClaim, RevisionHistory],
})
export class ComponentDeployment implements Dependent<RestAPI, Deployment, Decision | undefined> {
  desired(api: RestAPI, { environments }: Decision = plainDecision(api)): Deployment[] {
    return environments.flatMap((environment) =>
      deployedComponents(environment).map((component) => deployment(environment, component)),
    );
  }

  externallyManaged(api: RestAPI, { environments }: Decision = plainDecision(api)): readonly string[] {
    return environments.some(({ asked }) => Object.keys(asked ?? {}).length > 0) ? ['spec.replicas'] : [];
  }

  /** What cannot be made for one environment does not hold the other one. */
  waitsFor({ spec }: Deployment, { dependent, name }: { dependent: unknown; name: string }): boolean {
    const isConfig = dependent === ConfigMapCopies || dependent === EnvironmentConfigMap;
    return !isConfig || JSON.stringify(spec.template).includes(`"name":"${name}"`);
  }

  ready({ metadata, spec, status = {} }: StoredObject<Deployment>, api: RestAPI): true | string {
    const { observedGeneration = 0, replicas = 0, updatedReplicas = 0, availableReplicas = 0 } = status;
    const component = COMPONENTS.find((name) => name === metadata.labels?.[COMPONENT_LABEL]);
    const scaling = component && scalingOf(api, component);
    // Starting pods that an autoscaler added do not make the Deployment unready.
    const enough = scaling ? Math.min(spec.replicas, Math.max(1, scaling.minReplicas)) : spec.replicas;
    if (observedGeneration < (metadata.generation ?? 0)) return 'the latest change has not been observed yet';
    if (updatedReplicas < enough) return `${updatedReplicas} of ${enough} pods run the current version`;
    if (replicas > updatedReplicas) return `${replicas - updatedReplicas} pods of an older version are still running`;
    if (availableReplicas < enough) return `${availableReplicas} of ${enough} pods are available`;
    return true;
  }
}

function deployment(environment: Environment, component: ComponentName): Deployment {
  const { api, name, revision, replicas, asked, requests, adoptedHashes } = environment;
  const annotations = {
    ...(revision && { [REVISION]: revision }),
    ...(asked?.[component] !== undefined && { [ASKED_REPLICAS]: String(asked[component]) }),
    ...(requests?.[component] && { [REQUESTS]: JSON.stringify(requests[component]) }),
    ...(adoptedHashes?.[component] && { [ADOPTED_HASH]: adoptedHashes[component] }),
  };
  return {
    metadata: {
      name: environmentObjectName(api, component, name),
      labels: environmentLabels(environment, component),
      annotations,
    },
    spec: {
      replicas: replicas[component] ?? 0,
      // The API server leaves out 0.
      minReadySeconds: api.spec.minReadySeconds || undefined,
      selector: { matchLabels: podSelector(environment, component) },
      strategy: strategy(api, component),
      template: podTemplate(environment, component),
    },
  };
}

function strategy(api: RestAPI, component: ComponentName): object {
  const storage = storageOf(api, component);
  // Deadlock otherwise: the new pod waits for the volume of the old one, which waits for the new one to be ready.
  if (storage && storage.accessMode !== 'ReadWriteMany') return { type: 'Recreate' };
  // A new pod serves before an old one is stopped.
  return { type: 'RollingUpdate', rollingUpdate: { maxUnavailable: 0, maxSurge: '25%' } };
}
