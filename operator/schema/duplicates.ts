import type { FieldError } from './field-error.ts';
import type { JsonSchema } from './json-schema.ts';

/** Elements that may not be there twice: those with equal keys in a list of type `map`, equal ones in a `set`. */
export function duplicates(schema: JsonSchema | undefined, elements: readonly unknown[], path: string): FieldError[] {
  const type = schema?.['x-kubernetes-list-type'];
  if (type !== 'map' && type !== 'set') return [];
  const keys = schema?.['x-kubernetes-list-map-keys'] ?? [];
  const seen = new Set<string>();
  return elements.flatMap((element, index) => {
    const fields = element as Record<string, unknown> | null;
    const key = JSON.stringify(type === 'set' ? element : keys.map((name) => fields?.[name]));
    if (!seen.has(key)) {
      seen.add(key);
      return [];
    }
    const what = type === 'set' ? 'remove it' : `${keys.join(' and ')} must differ`;
    return [{ field: `${path}[${index}]`, message: `is a duplicate: ${what}`, value: element }];
  });
}
