import type { KubernetesObject } from '../../../operator/kubernetes-object.ts';

/** A kind that a cluster may not have. */
export const WIDGET = { group: 'example.com', version: 'v1', kind: 'Widget', plural: 'widgets', namespaced: true };

export const widgetCrd = {
  apiVersion: 'apiextensions.k8s.io/v1',
  kind: 'CustomResourceDefinition',
  metadata: { name: 'widgets.example.com' },
  spec: {
    group: WIDGET.group,
    names: { kind: WIDGET.kind, plural: WIDGET.plural },
    scope: 'Namespaced',
    versions: [
      {
        name: WIDGET.version,
        served: true,
        storage: true,
        subresources: { status: {} },
        schema: { openAPIV3Schema: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true } },
      },
    ],
  },
};

export function widget(name: string): KubernetesObject {
  return { apiVersion: 'example.com/v1', kind: WIDGET.kind, metadata: { name, namespace: 'default' } };
}
