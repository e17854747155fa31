import { COMPONENTS, type ComponentName } from '../api/component-name.ts';

/** A value for each component that has one. */
export function byComponent<T>(of: (component: ComponentName) => T | undefined): Partial<Record<ComponentName, T>> {
  return Object.fromEntries(
    COMPONENTS.flatMap((component) => {
      const value = of(component);
      return value === undefined ? [] : [[component, value] as const];
    }),
  );
}
