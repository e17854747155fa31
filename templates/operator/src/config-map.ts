import { type Dependent, DependentResource, type KubernetesObject } from 'restapi-operator/operator';
import { Widget } from './resource.ts';

interface ConfigMap extends KubernetesObject {
  data: Record<string, string>;
}

/** A dependent: what should exist for each Widget. Owner, labels and namespace are added by the framework. */
@DependentResource(Widget, { apiVersion: 'v1', kind: 'ConfigMap' })
export class WidgetConfig implements Dependent<Widget, ConfigMap> {
  desired({ metadata, spec }: Widget): ConfigMap {
    return { metadata: { name: `${metadata.name}-config` }, data: { message: spec.message } };
  }
}
