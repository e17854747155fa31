/**
 * The same OpenAPI schemas, or part of them, in which objects may have no fields but those that are named: so that a
 * misspelt field is found, as the API server finds it under `fieldValidation=Strict`.
 */
export function closed(node: unknown): unknown {
  if (Array.isArray(node)) return node.map(closed);
  if (typeof node !== 'object' || node === null) return node;
  const copy = Object.fromEntries(Object.entries(node).map(([key, value]) => [key, closed(value)]));
  // A property can be called `type` or `properties` too (in the schema of a CRD): then its value is a schema.
  const { type, properties, additionalProperties } = copy;
  const open = additionalProperties !== undefined || copy['x-kubernetes-preserve-unknown-fields'] === true;
  if (type === 'object' && properties && !open) copy.additionalProperties = false;
  return copy;
}
