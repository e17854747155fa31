import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { packageRoot } from '../../../src/package/package-root.ts';

/** The namespace in kustomize/components/namespaced. */
export const APPS = 'apps';

/** Returns the path of an overlay for `kubectl apply -k`. */
export function overlay(name: 'dev' | 'staging' | 'prod'): string {
  return join(packageRoot(), 'kustomize', 'overlays', name);
}

/** The second namespace in docs/how-to/limit-to-namespaces.md. */
export const SHOP = 'shop';

/** The monitoring components. */
export const MONITORING = ['prometheus', 'grafana', 'jaeger'];

/** Folder of the CRDs that the component prometheus needs. */
export const PROMETHEUS_CRDS = join(packageRoot(), 'test', 'fixtures', 'prometheus-operator');

/**
 * Writes an overlay that adds components to kustomize/base, as a user would.
 *
 * @param folder a folder that does not exist yet
 */
export async function writeOverlayWith(components: string | string[], folder: string): Promise<string> {
  await mkdir(folder);
  const path = (...parts: string[]) => relative(folder, join(packageRoot(), 'kustomize', ...parts));
  const added = [components].flat().map((component) => path('components', component));
  const text = `resources: [${path('base')}]\ncomponents: [${added.join(', ')}]\n`;
  await writeFile(join(folder, 'kustomization.yaml'), text);
  return folder;
}

/**
 * Writes an overlay of dev with the namespaced component, limited to the namespace `apps`, which it creates.
 *
 * @param folder a folder that does not exist yet
 */
export async function writeNamespacedOverlay(folder: string): Promise<string> {
  await mkdir(folder);
  const path = (...parts: string[]) => relative(folder, join(packageRoot(), 'kustomize', ...parts));
  await writeFile(
    join(folder, 'kustomization.yaml'),
    `resources: [namespace.yaml, ${path('overlays', 'dev')}]\ncomponents: [${path('components', 'namespaced')}]\n`,
  );
  await writeFile(
    join(folder, 'namespace.yaml'),
    `apiVersion: v1\nkind: Namespace\nmetadata:\n  name: ${APPS}\n  labels:\n    pod-security.kubernetes.io/enforce: restricted\n`,
  );
  return folder;
}

/**
 * Writes the overlay for the namespaces `apps` and `shop` that docs/how-to/limit-to-namespaces.md shows. The namespaces must exist.
 *
 * @param folder a folder that does not exist yet
 */
export async function writeOverlayForTwo(folder: string): Promise<string> {
  const page = await readFile(join(packageRoot(), 'docs', 'how-to', 'limit-to-namespaces.md'), 'utf8');
  const shown = [...page.matchAll(/^```yaml\n(.*?)^```$/gms)].map(([, text = '']) => text);
  const kustomization = shown.find((text) => text.includes('role-binding-shop.yaml'));
  const binding = shown.find((text) => text.includes('kind: RoleBinding'));
  if (!kustomization || !binding) throw new Error('limit-to-namespaces.md shows no overlay for two namespaces');
  await mkdir(folder);
  // The page writes it as a folder of kustomize/overlays.
  const above = relative(folder, join(packageRoot(), 'kustomize', 'overlays'));
  const placed = kustomization.replaceAll('- ../', `- ${above}/`);
  await writeFile(join(folder, 'kustomization.yaml'), placed);
  await writeFile(join(folder, 'role-binding-shop.yaml'), binding);
  return folder;
}
