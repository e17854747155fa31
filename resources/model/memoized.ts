/**
 * Returns a function that computes its result once for each object. The object must not change, like those of a cache, and
 * neither must the result.
 */
export function memoized<K extends object, V>(compute: (key: K) => V): (key: K) => V {
  const results = new WeakMap<K, { value: V }>();
  return (key) => {
    const found = results.get(key);
    if (found) return found.value;
    const value = compute(key);
    results.set(key, { value });
    return value;
  };
}
