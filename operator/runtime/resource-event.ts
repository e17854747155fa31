import { type ResourceEvent, type ResourceEventType, ResourceMetaImpl } from '@dot-i/k8s-operator';
import type { StoredObject } from '../kubernetes-object.ts';
import type { ResourceType } from '../resource/resource-type.ts';

/** The event `@dot-i/k8s-operator` handlers know, for an object of our caches. */
export function resourceEvent(type: ResourceType, eventType: ResourceEventType, object: StoredObject): ResourceEvent {
  return {
    type: eventType,
    // client-node's KubernetesObject declares Date where the API and our objects have text; handlers get our object.
    object: object as never,
    meta: ResourceMetaImpl.createWithPlural(type.plural, object as never),
  };
}
