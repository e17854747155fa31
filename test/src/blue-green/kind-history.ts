import type { StoredObject } from '../../../operator/index.ts';
import type { ListWatchItem } from '../../../operator/informer/list-watch-options.ts';
import type { Change } from './cluster-state.ts';

/** A step of the history of one kind. */
export type Step =
  | { type: 'begin'; objects: StoredObject[]; version: number }
  | { type: 'change'; change: Change; version: number }
  /** Nothing else has happened up to this version. */
  | { type: 'reach'; version: number };

/** Reads the items of a list-watch of one kind as a history without gaps. */
export class KindHistory {
  /** Version of each object by key; undefined before the first list. */
  #known: Map<string, string> | undefined;

  /** @throws Error if the watch had to list again and missed a change */
  read(item: ListWatchItem<StoredObject>): Step {
    if (item.type === 'UNSERVED') throw new Error('the kind is not served');
    const version = Number(item.resourceVersion);
    if (item.type === 'BOOKMARK') return { type: 'reach', version };
    if (item.type === 'CHANGE') {
      const { type, object } = item.change;
      if (type === 'DELETED') this.#known?.delete(keyOf(object));
      else this.#known?.set(keyOf(object), object.metadata.resourceVersion);
      return { type: 'change', change: item.change, version };
    }
    const objects = [...item.objects.values()];
    const listed = new Map(objects.map((object) => [keyOf(object), object.metadata.resourceVersion]));
    const known = this.#known;
    this.#known = listed;
    if (known === undefined) return { type: 'begin', objects, version };
    const same = known.size === listed.size && [...listed].every(([key, rv]) => known.get(key) === rv);
    if (!same) throw new Error(`the history has a gap before resource version ${version}: the watch was cut too long`);
    return { type: 'reach', version };
  }
}

function keyOf({ metadata }: StoredObject): string {
  return `${metadata.namespace}/${metadata.name}/${metadata.uid}`;
}
