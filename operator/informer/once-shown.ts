import type { Wait } from '../async/wait.ts';
import type { Informer } from './informer.ts';

/**
 * Builds the `subscribe` of a Wait for caches: wakes once, as soon as a condition on them holds. It is checked at once and after
 * each of their steps.
 */
export function onceShown(
  caches: Iterable<Pick<Informer<never>, 'onProgress'>>,
  condition: () => boolean,
): Wait['subscribe'] {
  return (wake) => {
    const ends: (() => void)[] = [];
    const unsubscribe = () => {
      for (const end of ends.splice(0)) end();
    };
    let over = false;
    const check = () => {
      if (over || !condition()) return;
      over = true;
      unsubscribe();
      wake();
    };
    for (const cache of caches) ends.push(cache.onProgress(check));
    check();
    return unsubscribe;
  };
}
