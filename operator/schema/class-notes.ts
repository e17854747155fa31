import type { CelRule } from './cel-rule.ts';
import type { Json, JsonSchema } from './json-schema.ts';
import type { MapRules } from './map-rules.ts';

// biome-ignore lint/complexity/noBannedTypes: a class as decorators see it
export type AnyClass = Function;

/** A class that can be made without arguments, as every class that describes a resource or a part of one must be. */
export type ResourceClass<T extends object = object> = new () => T;

/** The metadata of one field from our own decorators; class-validator and class-transformer keep the rest. */
export interface FieldNotes {
  description?: string;
  /** In a box, because `undefined` is no default and `null` would be one. */
  default?: { value: Json };
  schema?: JsonSchema;
  map?: MapRules;
  cel: CelRule[];
}

interface ClassNotes {
  description?: string;
  cel: CelRule[];
  fields: Map<string, FieldNotes>;
}

const notesByClass = new WeakMap<AnyClass, ClassNotes>();
/** A cache, since each validated object reads it. All decorators have run before the first read. */
const mergedByClass = new WeakMap<AnyClass, ClassNotes>();

/** The notes of this class alone, to write into. */
export function ownNotes(target: AnyClass): ClassNotes {
  let notes = notesByClass.get(target);
  if (!notes) {
    notes = { cel: [], fields: new Map() };
    notesByClass.set(target, notes);
  }
  return notes;
}

/** The notes of one field of this class alone, to write into. */
export function ownFieldNotes(target: AnyClass, field: string): FieldNotes {
  const { fields } = ownNotes(target);
  let notes = fields.get(field);
  if (!notes) {
    notes = { cel: [] };
    fields.set(field, notes);
  }
  return notes;
}

/**
 * Returns the notes of a class and its base classes. A subclass that sets a property of a field again (such as its default)
 * overrides only that property; rules add up.
 */
export function notesOf(target: AnyClass): ClassNotes {
  let notes = mergedByClass.get(target);
  if (!notes) {
    notes = merge(target);
    mergedByClass.set(target, notes);
  }
  return notes;
}

function merge(target: AnyClass): ClassNotes {
  const merged: ClassNotes = { cel: [], fields: new Map() };
  for (const link of lineage(target)) {
    const own = notesByClass.get(link);
    if (!own) continue;
    merged.description = own.description ?? merged.description;
    merged.cel.push(...own.cel);
    for (const [field, notes] of own.fields) {
      const before = merged.fields.get(field);
      merged.fields.set(field, { ...before, ...notes, cel: [...(before?.cel ?? []), ...notes.cel] });
    }
  }
  return merged;
}

/** From the most general class to the class itself. */
export function lineage(target: AnyClass): AnyClass[] {
  const parent = Object.getPrototypeOf(target);
  return typeof parent === 'function' && parent.prototype ? [...lineage(parent), target] : [target];
}
