import { type Dependent, DependentResource, type KubernetesObject, type StoredObject } from '../../operator/index.ts';
import { COMPONENTS, type ComponentName, RestAPI } from '../api/rest-api.ts';
import { storageOf } from '../model/component-storage.ts';
import { type Decision, plainDecision } from '../model/decision.ts';
import { enabledComponents } from '../model/enabled-components.ts';
import type { Environment } from '../model/environment.ts';
import { COMPONENT_LABEL, environmentLabels, podSelector } from '../model/labels.ts';
import { environmentObjectName } from '../model/object-names.ts';
import { scalingOf } from '../model/scaling.ts';
import { type PodTemplate, podTemplate } from '../templates/pod-template.ts';
import { ComponentServiceAccount } from './component-service-account.ts';
import { EnvironmentConfigMap } from './environment-config-map.ts';
import { RepositoryClaim } from './repository-claim.ts';
import { RevisionHistory } from './revision-history.ts';

/** Annotation of a Deployment with the revision its pods are made from. */
export const REVISION = 'restapi.dev/revision';

/** Annotation of a Deployment whose number of pods belongs to an autoscaler, with what the spec asks for. */
export const ASKED_REPLICAS = 'restapi.dev/asked-replicas';

/** Annotation of a Deployment whose pods request something else than the spec says, with that, as JSON. */
export const REQUESTS = 'restapi.dev/requests';

/** What of a Deployment is written and read here. */
export interface Deployment extends KubernetesObject {
  spec: { replicas: number; selector: object; strategy: object; template: PodTemplate };
  status?: {
    observedGeneration?: number;
    replicas?: number;
    updatedReplicas?: number;
    readyReplicas?: number;
    availableReplicas?: number;
    conditions?: { type: string; status: string; reason: string; message?: string; lastUpdateTime: string }[];
  };
}

/** The pods of each enabled component, environment by environment. */
@DependentResource(RestAPI, {
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  dependsOn: [EnvironmentConfigMap, ComponentServiceAccount, RepositoryClaim, RevisionHistory],
})
export class ComponentDeployment implements Dependent<RestAPI, Deployment, Decision | undefined> {
  desired(api: RestAPI, { environments }: Decision = plainDecision(api)): Deployment[] {
    return environments.flatMap((environment) =>
      enabledComponents(environment.api).map((component) => deployment(environment, component)),
    );
  }

  externallyManaged(api: RestAPI, { environments }: Decision = plainDecision(api)): readonly string[] {
    return environments.some(({ asked }) => Object.keys(asked ?? {}).length > 0) ? ['spec.replicas'] : [];
  }

  ready({ metadata, spec, status = {} }: StoredObject<Deployment>, api: RestAPI): true | string {
    const { observedGeneration = 0, replicas = 0, updatedReplicas = 0, availableReplicas = 0 } = status;
    const component = COMPONENTS.find((name) => name === metadata.labels?.[COMPONENT_LABEL]);
    const scaling = component && scalingOf(api, component);
    // Pods that an autoscaler adds make it no less ready while they start.
    const enough = scaling ? Math.min(spec.replicas, Math.max(1, scaling.minReplicas)) : spec.replicas;
    if (observedGeneration < (metadata.generation ?? 0)) return 'the change has not been taken up yet';
    if (updatedReplicas < enough) return `${updatedReplicas} of ${enough} pods are of the current version`;
    if (replicas > updatedReplicas) return `${replicas - updatedReplicas} pods of an older version are still there`;
    if (availableReplicas < enough) return `${availableReplicas} of ${enough} pods are available`;
    return true;
  }
}

function deployment(environment: Environment, component: ComponentName): Deployment {
  const { api, name, revision, replicas, asked, requests } = environment;
  const annotations = {
    ...(revision && { [REVISION]: revision }),
    ...(asked?.[component] !== undefined && { [ASKED_REPLICAS]: String(asked[component]) }),
    ...(requests?.[component] && { [REQUESTS]: JSON.stringify(requests[component]) }),
  };
  return {
    metadata: {
      name: environmentObjectName(api, component, name),
      labels: environmentLabels(environment, component),
      annotations,
    },
    spec: {
      replicas: replicas[component] ?? 0,
      selector: { matchLabels: podSelector(environment, component) },
      strategy: strategy(api, component),
      template: podTemplate(environment, component),
    },
  };
}

function strategy(api: RestAPI, component: ComponentName): object {
  const storage = storageOf(api, component);
  // A new pod would wait for a volume that the old one holds, and the old one for the new one to be ready.
  if (storage && storage.accessMode !== 'ReadWriteMany') return { type: 'Recreate' };
  // A new pod serves before an old one goes.
  return { type: 'RollingUpdate', rollingUpdate: { maxUnavailable: 0, maxSurge: '25%' } };
}
