/** Names of namespaces are DNS labels. */
const NAME = /^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/;

/** Whether a text can be the name of a namespace. */
export function isNamespaceName(name: string): boolean {
  return NAME.test(name);
}

/**
 * Checks the namespaces of an operator's options; a repeated name counts once.
 *
 * @returns the namespaces to watch, `undefined` for all at once
 * @throws Error that names the operator and the wrong name
 */
export function servedNamespaces(operator: string, names: readonly string[] = []): readonly (string | undefined)[] {
  const wrong = names.find((name) => !isNamespaceName(name));
  if (wrong !== undefined) {
    throw new Error(
      `Operator ${operator}: namespaces: "${wrong}" is not the name of a namespace: use names such as "apps", or leave out ` +
        'namespaces to watch all',
    );
  }
  return names.length === 0 ? [undefined] : [...new Set(names)];
}
