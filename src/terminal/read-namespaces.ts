import { ArgumentError } from './argument-error.ts';

/** Names of namespaces are DNS labels. */
const NAMESPACE = /^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/;

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
  const wrong = names.find((name) => !NAMESPACE.test(name));
  if (wrong !== undefined) {
    throw new ArgumentError(
      `--${flag}: "${wrong}" is not the name of a namespace: use names such as monitoring,observability`,
    );
  }
  return names;
}
