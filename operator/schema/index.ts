// Before anything that is decorated: class-transformer's @Type reads what it defines.
import 'reflect-metadata';

export { Atomic } from './atomic.ts';
export { Cel } from './cel.ts';
export type { CelRule } from './cel-rule.ts';
export { crdOf, crdYaml } from './crd.ts';
export {
  CustomResource,
  type CustomResourceMeta,
  type CustomResourceOptions,
  customResourceOf,
  type PrinterColumn,
} from './custom-resource.ts';
export { Default } from './default.ts';
export { Description } from './description.ts';
export { describeErrors, type FieldError } from './field-error.ts';
export { Immutable } from './immutable.ts';
export { IntOrString } from './int-or-string.ts';
export { Int32 } from './int32.ts';
export type { Json, JsonSchema, ValidationRule } from './json-schema.ts';
export { ListType } from './list-type.ts';
export { MapOf } from './map-of.ts';
export type { KeyRules, MapRules, ReservedKeys } from './map-rules.ts';
export { compareQuantities, isQuantity, QUANTITY_SCHEMA, Quantity, quantityValue } from './quantity.ts';
export { declareRule } from './rule-schemas.ts';
export { schemaOf } from './schema-of.ts';
export { validateResource } from './validate-resource.ts';
export { withDefaults } from './with-defaults.ts';
export { withoutDefaults } from './without-defaults.ts';
