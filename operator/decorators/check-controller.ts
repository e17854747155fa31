import { parseApiVersion } from '../resource/resource-type.ts';
import { findCustomResource } from '../schema/custom-resource.ts';
import type { Class } from './dependent-resource.ts';

/** `domain/name`, as Kubernetes wants finalizers of custom resources. Source: k8s.io/apimachinery, IsQualifiedName. */
const QUALIFIED_NAME =
  /^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*\/[A-Za-z0-9]([-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?$/;

/** The options of a controller that can be wrong in themselves. */
interface CheckedOptions {
  resource: Class;
  finalizer: string;
  watches?: readonly { apiVersion: string; kind: string }[];
}

/**
 * Checks what `@Controller` was given.
 *
 * @throws Error that names the class, the option and the remedy
 */
export function checkController(
  { name }: Class,
  { resource, finalizer, watches = [] }: CheckedOptions,
  hasHandler: boolean,
): void {
  if (!hasHandler) {
    throw new Error(
      `${name} has no handler, so it would never be called: decorate a method with @OnAdded() and @OnModified() ` +
        '(or with @OnDeleted(), @OnInvalid() or @OnError())',
    );
  }
  if (!QUALIFIED_NAME.test(finalizer)) {
    const domain = findCustomResource(resource)?.group ?? 'example.com';
    throw new Error(
      `${name}: finalizer "${finalizer}" is not a qualified name: write your domain and a name, ` +
        `such as "${domain}/cleanup"`,
    );
  }
  for (const { apiVersion, kind } of watches) parseApiVersion(apiVersion, `${name}: watches ${kind}: `);
}
