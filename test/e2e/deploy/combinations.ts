import { readdirSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { packageRoot } from '../../../src/package/package-root.ts';

/** An overlay with components, as a user combines them. */
export interface Combination {
  overlay: string;
  components: readonly string[];
  /** Set where the user's overlay changes the namespace and the names of the operator. */
  renamed?: boolean;
}

const folders = (of: string) => readdirSync(join(packageRoot(), 'kustomize', of)).sort();

export const OVERLAYS = folders('overlays');
/** `renamed` is for overlays that rename: see {@link Combination}. */
export const COMPONENTS = folders('components').filter((name) => name !== 'renamed');

/**
 * Returns every overlay with no component, with each, with each beside `namespaced`, and with all; and each overlay renamed.
 * Components do not depend on one another, but for what they do to the operator's rights.
 */
export function combinations(): Combination[] {
  return OVERLAYS.flatMap((overlay) => {
    // Part of the overlay: kustomize refuses to add it twice.
    const components = COMPONENTS.filter((name) => overlay !== 'prod' || name !== 'fencing');
    const pairs = components.filter((name) => name !== 'namespaced').map((name) => [name, 'namespaced']);
    return [
      ...[[], ...components.map((name) => [name]), ...pairs, components].map((chosen) => ({
        overlay,
        components: chosen,
      })),
      ...[[], ['namespaced']].map((chosen) => ({ overlay, components: chosen, renamed: true })),
    ];
  });
}

export function nameOf({ overlay, components, renamed }: Combination): string {
  return [`overlays/${overlay}`, ...components, ...(renamed ? ['renamed'] : [])].join(' + ');
}

/** The namespace and the name prefix of renamed operators. */
export const RENAMED = { namespace: 'ops', prefix: 'my-' };

/** Writes the kustomization of a combination. @param folder a folder that does not exist yet @returns the folder to render */
export async function writeCombination({ overlay, components, renamed }: Combination, folder: string): Promise<string> {
  await mkdir(folder, { recursive: true });
  const path = (from: string, ...parts: string[]) => relative(from, join(packageRoot(), 'kustomize', ...parts));
  const write = (to: string, text: object) => writeFile(join(to, 'kustomization.yaml'), JSON.stringify(text));
  const added = (from: string, names: readonly string[]) => names.map((name) => path(from, 'components', name));
  if (!renamed) {
    await write(folder, { resources: [path(folder, 'overlays', overlay)], components: added(folder, components) });
    return folder;
  }
  const [mine, top] = [join(folder, 'mine'), join(folder, 'top')];
  await mkdir(mine);
  await mkdir(top);
  const { namespace, prefix: namePrefix } = RENAMED;
  await write(mine, { resources: [path(mine, 'overlays', overlay)], namespace, namePrefix });
  await write(top, { resources: ['../mine'], components: added(top, [...components, 'renamed']) });
  return top;
}
