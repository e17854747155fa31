import type { OnChange } from '../api/object-reference.ts';
import type { Environment } from '../model/environment.ts';
import { configMapCopyName } from '../model/object-names.ts';
import { contentKey, defaultOnChange, isCopied } from '../model/references.ts';

const KINDS: Readonly<Record<string, string>> = {
  configMapRef: 'ConfigMap',
  configMapKeyRef: 'ConfigMap',
  secretRef: 'Secret',
  secretKeyRef: 'Secret',
};

/**
 * Returns the source of variables as the pods of an environment take it: without the field that is for the operator, and with
 * the copy of a ConfigMap in its place if the environment has a revision.
 */
export function forPods<T extends object>(environment: Pick<Environment, 'api' | 'configHashes'>, source: T): T {
  return Object.fromEntries(
    Object.entries(source).map(([field, value]) => {
      const kind = KINDS[field];
      return [field, kind === undefined ? value : reference(environment, kind, value as Named)];
    }),
  ) as T;
}

interface Named {
  name: string;
  onChange?: OnChange;
}

function reference(
  { api, configHashes }: Pick<Environment, 'api' | 'configHashes'>,
  kind: string,
  named: Named,
): object {
  const { onChange = defaultOnChange(kind), ...rest } = named;
  // A revision that was stored by others may not know the content.
  const hash = isCopied({ kind, onChange }) ? configHashes?.[contentKey({ kind, name: named.name })] : undefined;
  return hash === undefined ? rest : { ...rest, name: configMapCopyName(api, named.name, hash) };
}
