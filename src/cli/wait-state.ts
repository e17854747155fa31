import type { StoredObject } from '../../operator/index.ts';
import type { RestAPI } from '../../resources/index.ts';
import { oneLine } from '../terminal/text.ts';

/** Whether a RestAPI is ready with its latest change. */
export function isReady({ metadata, status }: StoredObject<RestAPI>): boolean {
  const ready = status?.conditions?.find(({ type }) => type === 'Ready');
  return ready?.status === 'True' && status?.observedGeneration === metadata.generation;
}

/** Describes why a RestAPI is not ready. */
export function waitsFor({ metadata, status }: StoredObject<RestAPI>): string {
  const ready = status?.conditions?.find(({ type }) => type === 'Ready');
  if (!ready) return 'the operator has not reconciled it yet';
  if (status?.observedGeneration !== metadata.generation)
    return 'the operator has not reconciled the latest change yet';
  return oneLine(ready.message);
}
