/** Returns the source of variables as pods take it, without the field that is for the operator. */
export function forPods<T extends object>(source: T): T {
  return Object.fromEntries(
    Object.entries(source).map(([field, value]) => {
      if (typeof value !== 'object' || value === null) return [field, value];
      const { onChange: _, ...reference } = value as { onChange?: string };
      return [field, reference];
    }),
  ) as T;
}
