import { isNamespaceName } from '../../operator/runtime/served-namespaces.ts';
import { ArgumentError } from '../terminal/argument-error.ts';

/**
 * Reads a comma-separated list of namespaces; '' is an empty list.
 * @param flag names the flag in the error
 * @throws ArgumentError if one is not the name of a namespace
 */
export function readNamespaces(flag: string, text: string): string[] {
  const names = text
    .split(',')
    .map((name) => name.trim())
    .filter((name) => name !== '');
  const wrong = names.find((name) => !isNamespaceName(name));
  if (wrong !== undefined) {
    throw new ArgumentError(
      `--${flag}: "${wrong}" is not the name of a namespace: use names such as monitoring,observability`,
    );
  }
  return names;
}
