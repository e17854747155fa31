import { Document, isScalar, stringify, visit } from 'yaml';
import { escapeHidden, escapeHiddenInYaml, hasHidden } from '../../operator/log/plain-text.ts';

/**
 * Formats a value for programs. Hidden characters are escaped: programs read the exact value, and terminals show no foreign
 * control sequences.
 *
 * @param format json or yaml
 * @returns lines
 */
export function formatted(value: object, format: string): string[] {
  return (format === 'json' ? escapeHidden(JSON.stringify(value, undefined, 2)) : yamlOf(value)).split('\n');
}

function yamlOf(value: object): string {
  const document = new Document(value, { compat: 'yaml-1.1' });
  visit(document, {
    Scalar(_key, node) {
      // Only in double quotes can characters be escaped.
      if (isScalar(node) && typeof node.value === 'string' && hasHidden(node.value.replaceAll('\n', ''))) {
        node.type = 'QUOTE_DOUBLE';
      }
    },
  });
  return escapeHiddenInYaml(stringify(document, { compat: 'yaml-1.1' }).trimEnd());
}
