import { type Dependent, DependentResource, type KubernetesObject } from '../../operator/index.ts';
import { RestAPI } from '../api/rest-api.ts';
import type { ConfigMapContent } from '../model/config-map-copy.ts';
import type { Decision } from '../model/decision.ts';
import { commonLabels } from '../model/labels.ts';

/** Annotation of a copy of a ConfigMap with the name of that ConfigMap. */
export const COPY_OF = 'restapi.dev/copy-of';

/** The fields of a copied ConfigMap that the operator uses. */
export interface CopiedConfigMap extends KubernetesObject, ConfigMapContent {
  immutable?: boolean;
}

/**
 * Copies of the ConfigMaps that the kept revisions reference, as they were when the revision was made. Pods of an environment
 * with a revision read them, so an edit of a ConfigMap changes nothing for an earlier revision.
 */
@DependentResource(RestAPI, { apiVersion: 'v1', kind: 'ConfigMap' })
export class ConfigMapCopies implements Dependent<RestAPI, CopiedConfigMap, Decision | undefined> {
  desired(api: RestAPI, decision?: Decision): CopiedConfigMap[] {
    return (decision?.configMaps ?? []).map(({ name, source, content }) => ({
      metadata: { name, labels: commonLabels(api), annotations: { [COPY_OF]: source } },
      immutable: true,
      // Not copied: assignment would lose keys such as `__proto__`.
      ...(content.data && { data: content.data }),
      ...(content.binaryData && { binaryData: content.binaryData }),
    }));
  }

  /** The API server lets no client change them. Undeclared, so large contents are not hashed in every run. */
  externallyManaged(): readonly string[] {
    return ['data', 'binaryData'];
  }
}
