import { ArgumentError } from '../terminal/argument-error.ts';
import { readNamespaces } from './read-namespaces.ts';

/**
 * Reads the namespaces to watch; undefined: all.
 * @throws ArgumentError if one is not the name of a namespace, or the list is empty: a variable without a value must not widen what
 *   the operator watches
 */
export function readServedNamespaces(text: string | undefined): string[] | undefined {
  if (text === undefined) return undefined;
  const names = readNamespaces('namespaces', text);
  if (names.length > 0) return names;
  throw new ArgumentError('--namespaces is empty: name at least one namespace, or leave it out to watch all');
}
