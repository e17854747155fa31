// The instance that class-transformer's own decorators write to; the package shows no other way to read it.
import { defaultMetadataStorage } from 'class-transformer/cjs/storage.js';
import { getMetadataStorage } from 'class-validator';
import { type AnyClass, type FieldNotes, lineage, notesOf, ownNotes } from './class-notes.ts';

/** One rule of class-validator on a field. */
export interface FieldRule {
  /** class-validator's name of it, such as `maxLength`. */
  name: string;
  constraints: unknown[];
  /** For each element of a list rather than for the list. */
  each: boolean;
  /** The class author's replacement for the default message. */
  message: string | undefined;
}

/** The metadata of one field of a class. */
export interface ClassField {
  name: string;
  rules: FieldRule[];
  optional: boolean;
  /** The class of its value, or of its elements if it is a list. */
  nested: AnyClass | undefined;
  /** Whether it is a list of `nested`. */
  list: boolean;
  notes: FieldNotes;
}

const fieldsByClass = new WeakMap<AnyClass, ClassField[]>();

/** The fields of a class and all it extends that carry a decorator, in the order they are written. */
export function fieldsOf(target: AnyClass): ClassField[] {
  let fields = fieldsByClass.get(target);
  if (!fields) {
    fields = readFields(target);
    fieldsByClass.set(target, fields);
  }
  return fields;
}

function readFields(target: AnyClass): ClassField[] {
  const { fields: notes } = notesOf(target);
  const metadata = getMetadataStorage().getTargetValidationMetadatas(target, '', true, false);
  return namesInOrder(target, metadata).map((name) => {
    const own = metadata.filter(({ propertyName }) => propertyName === name);
    const rules = own.flatMap(({ type, name: rule = '', constraints, each, message }): FieldRule[] => {
      if (type === 'nestedValidation' || (type === 'conditionalValidation' && rule === 'isOptional')) return [];
      const said = typeof message === 'string' ? message : undefined;
      // Rules of other types (such as ValidateIf) have no counterpart. Building the schema rejects them by name.
      return [{ name: rule || type, constraints: constraints ?? [], each: each ?? false, message: said }];
    });
    const nests = own.find(({ type }) => type === 'nestedValidation');
    return {
      name,
      // Decorators run from the last to the first.
      rules: rules.reverse(),
      optional: own.some(({ type, name: rule }) => type === 'conditionalValidation' && rule === 'isOptional'),
      nested: nests ? nestedClass(target, name) : undefined,
      list: nests?.each === true || rules.some(({ name: rule }) => rule === 'isArray'),
      notes: notes.get(name) ?? { cel: [] },
    };
  });
}

function nestedClass(target: AnyClass, field: string): AnyClass {
  const nested = defaultMetadataStorage.findTypeMetadata(target, field)?.typeFunction?.();
  if (typeof nested === 'function') return nested;
  throw new Error(`${target.name}.${field} has @ValidateNested but no class: add @Type(() => ItsClass)`);
}

/**
 * Base classes first, then as written. Each side's decorators keep that order; a field that only ours know of comes
 * after the one that ours name before it.
 */
function namesInOrder(target: AnyClass, metadata: readonly { target: unknown; propertyName: string }[]): string[] {
  const names = new Set<string>();
  for (const link of lineage(target)) {
    const own = metadata.filter((rule) => rule.target === link).map(({ propertyName }) => propertyName);
    const ordered = [...new Set(own)];
    const ours = [...ownNotes(link).fields.keys()];
    for (const [index, name] of ours.entries()) {
      if (!ordered.includes(name))
        ordered.splice(index === 0 ? 0 : ordered.indexOf(ours[index - 1] ?? '') + 1, 0, name);
    }
    for (const name of ordered) names.add(name);
  }
  return [...names];
}
