import type { StoredObject } from '../../operator/index.ts';
import type { RestAPI } from '../../resources/index.ts';
import { oneLine } from '../terminal/text.ts';

/** Whether a RestAPI is ready as it is written now. */
export function isReady({ metadata, status }: StoredObject<RestAPI>): boolean {
  const ready = status?.conditions?.find(({ type }) => type === 'Ready');
  return ready?.status === 'True' && status?.observedGeneration === metadata.generation;
}

/** In words what a RestAPI that is not ready waits for. */
export function waitsFor({ metadata, status }: StoredObject<RestAPI>): string {
  const ready = status?.conditions?.find(({ type }) => type === 'Ready');
  if (!ready) return 'the operator has not looked at it yet';
  if (status?.observedGeneration !== metadata.generation) return 'the operator has not looked at the latest change yet';
  return oneLine(ready.message);
}
