import { COMPONENTS, type ComponentName } from '../api/component-name.ts';

/** Returns the values of `of` by component, without the components it returns undefined for. */
export function byComponent<T>(of: (component: ComponentName) => T | undefined): Partial<Record<ComponentName, T>> {
  return Object.fromEntries(
    COMPONENTS.flatMap((component) => {
      const value = of(component);
      return value === undefined ? [] : [[component, value] as const];
    }),
  );
}
