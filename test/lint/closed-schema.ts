/** Returns OpenAPI schemas that reject unknown fields, as the API server does with `fieldValidation=Strict`. */
export function closed(node: unknown): unknown {
  if (Array.isArray(node)) return node.map(closed);
  if (typeof node !== 'object' || node === null) return node;
  const copy = Object.fromEntries(Object.entries(node).map(([key, value]) => [key, closed(value)]));
  // Properties can also be named `type` or `properties` (in the schema of a CRD); their values are schemas.
  const { type, properties, additionalProperties } = copy;
  const open = additionalProperties !== undefined || copy['x-kubernetes-preserve-unknown-fields'] === true;
  if (type === 'object' && properties && !open) copy.additionalProperties = false;
  return copy;
}
