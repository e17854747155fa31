import type { JsonSchema } from '../../../operator/index.ts';
import { COMPONENTS } from '../../../resources/index.ts';
import { rejectionsOf } from './field-type.ts';

/** An object with more fields than this, nested ones included, has a section of its own. */
const MAX_INLINE_FIELDS = 8;

/** The schemas of one field by component; the only key is '' for a field outside of components. */
export type Variants = ReadonlyMap<string, JsonSchema>;

export interface FieldRow {
  path: string;
  required: boolean;
  variants: Variants;
  /** Path of the section that lists the nested fields, if they do not follow in this one. */
  section?: string;
}

/** An object and its fields. */
export interface FieldSection {
  path: string;
  rows: FieldRow[];
  /** Messages of the validation rules, without duplicates. */
  rejections: Set<string>;
}

/**
 * Divides the fields of an object into sections. Fields that all components share are listed once, as `<component>`.
 */
export function fieldSections(path: string, schema: JsonSchema): FieldSection[] {
  const sections: FieldSection[] = [];
  // By the content of their schemas, so that equal objects are listed once.
  const known = new Map<string, string>();
  addSection(path, new Map([['', schema]]));
  return sections;

  function addSection(path: string, variants: Variants): void {
    const section: FieldSection = { path, rows: [], rejections: new Set() };
    sections.push(section);
    addFields(section, path, variants);
  }

  function addFields(section: FieldSection, path: string, variants: Variants): void {
    addRejections(section, path, variants);
    const components = new Map<string, JsonSchema>();
    for (const [name, found] of fieldsByName(variants)) {
      const [[component = '', schema = {}] = []] = found;
      // What only some components have is listed under the first one's name.
      const parent = found.size < variants.size ? path.replace('<component>', component) : path;
      const required = [...variants.values()].some((variant) => variant.required?.includes(name));
      const row: FieldRow = { path: `${parent}.${name}`, required, variants: found };
      section.rows.push(row);
      if (variants.size === 1 && isComponent(name)) {
        row.section = `${path}.<component>`;
        components.set(name, schema);
        if (components.size === COMPONENTS.length) addSection(row.section, components);
      } else addNested(section, row);
    }
  }

  function addNested(section: FieldSection, row: FieldRow): void {
    const objects = new Map([...row.variants].flatMap(([key, schema]) => entriesOf(key, nestedObject(schema))));
    const [object] = objects.values();
    addRejections(section, row.path, object && !isList(row) ? new Map() : row.variants);
    if (!object) return;
    const path = isList(row) ? `${row.path}[]` : row.path;
    if (countFields(object) <= MAX_INLINE_FIELDS) {
      addFields(section, path, objects);
      return;
    }
    const content = JSON.stringify([...objects.values()].map(({ description: _, default: __, ...rest }) => rest));
    row.section = known.get(content) ?? path;
    if (row.section !== path) return;
    known.set(content, path);
    addSection(path, objects);
  }
}

function entriesOf<T>(key: string, value: T | undefined): [string, T][] {
  return value === undefined ? [] : [[key, value]];
}

function isComponent(name: string): boolean {
  return (COMPONENTS as readonly string[]).includes(name);
}

function isList({ variants }: FieldRow): boolean {
  return [...variants.values()].some(({ items }) => items !== undefined);
}

function addRejections({ rejections }: FieldSection, path: string, variants: Variants): void {
  for (const schema of variants.values()) for (const text of rejectionsOf(schema, path)) rejections.add(text);
}

function fieldsByName(variants: Variants): Map<string, Map<string, JsonSchema>> {
  const fields = new Map<string, Map<string, JsonSchema>>();
  for (const [component, { properties = {} }] of variants) {
    for (const [name, field] of Object.entries(properties)) {
      fields.set(name, (fields.get(name) ?? new Map()).set(component, field));
    }
  }
  return fields;
}

/** Returns the schema of the object that a field is, or that the items of its list are. */
function nestedObject({ items, ...schema }: JsonSchema): JsonSchema | undefined {
  const object = items ?? schema;
  return object.properties && object;
}

function countFields(schema: JsonSchema): number {
  const fields = Object.values(schema.properties ?? {});
  return fields.length + fields.reduce((sum, field) => sum + countFields(nestedObject(field) ?? {}), 0);
}
