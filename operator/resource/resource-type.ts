/**
 * One kind of Kubernetes object and where the API server serves it.
 *
 * Everything that talks to the server takes one of these instead of guessing paths from a kind.
 */
export interface ResourceType {
  /** API group, `''` for the core group (Pod, Service, ConfigMap, …). */
  group: string;
  /** Version within the group, such as `v1`. */
  version: string;
  /** Kind as written in manifests, such as `Deployment`. */
  kind: string;
  /** Lowercase plural as it stands in URLs, such as `deployments`. */
  plural: string;
  /** Whether objects of this kind live in a namespace. */
  namespaced: boolean;
  /** Fills in what the API server leaves out of stored objects; an informer does it to every object. Default: nothing. */
  complete?: <T>(object: T) => T;
}

/** The `apiVersion` of objects of `type`: `v1` for the core group, `apps/v1` otherwise. */
export function apiVersionOf(type: Pick<ResourceType, 'group' | 'version'>): string {
  return type.group === '' ? type.version : `${type.group}/${type.version}`;
}

/** A version of the core group; a group without a version (`apps`) is not one. */
const CORE_VERSION = /^v\d+((alpha|beta)\d+)?$/;

/**
 * Splits an `apiVersion` into group and version; the core group is `''`.
 *
 * @param where begins the error, such as a class and its option
 * @throws TypeError if it is neither `v1` nor `group/version`
 */
export function parseApiVersion(apiVersion: string, where = ''): { group: string; version: string } {
  const parts = apiVersion.split('/');
  if (parts.length > 2 || parts.some((part) => part === '')) {
    throw new TypeError(
      `${where}apiVersion "${apiVersion}" is malformed: write "v1" for the core group, "group/version" otherwise, such as "apps/v1"`,
    );
  }
  const [first, second] = parts as [string, string?];
  if (second === undefined && !CORE_VERSION.test(first)) {
    throw new TypeError(`${where}apiVersion "${first}" has no version: write group and version, such as "${first}/v1"`);
  }
  return second === undefined ? { group: '', version: first } : { group: first, version: second };
}

/**
 * The URL path of a collection, an object or a subresource, without host and query.
 *
 * @param namespace needed for an object of a namespaced kind; left out for a collection it means all namespaces.
 *   Ignored for cluster-scoped kinds, so that a caller may pass `object.metadata.namespace` whatever the kind.
 * @param name left out: the collection.
 * @param subresource such as `status` or `scale`; needs `name`.
 * @throws TypeError when the parts do not name anything the server could serve.
 */
export function resourcePath(type: ResourceType, namespace?: string, name?: string, subresource?: string): string {
  if (name === '' || namespace === '') {
    throw new TypeError(
      `${type.kind}: name and namespace must not be empty strings (an empty name would address the whole collection)`,
    );
  }
  if (type.namespaced && name !== undefined && namespace === undefined) {
    throw new TypeError(`${type.kind} "${name}" is namespaced: a namespace is needed to address it`);
  }
  if (subresource !== undefined && name === undefined) {
    throw new TypeError(`${type.kind}: the subresource "${subresource}" needs the name of an object`);
  }
  let path =
    type.group === '' ? `/api/${segment(type.version)}` : `/apis/${segment(type.group)}/${segment(type.version)}`;
  if (type.namespaced && namespace !== undefined) path += `/namespaces/${segment(namespace)}`;
  path += `/${segment(type.plural)}`;
  if (name !== undefined) path += `/${segment(name)}`;
  // A subresource may have a path of its own ("proxy/metrics"): its slashes stay.
  if (subresource !== undefined) path += `/${subresource.split('/').map(segment).join('/')}`;
  return path;
}

/**
 * The lowercase English plural of a kind, as Kubernetes names its own resources: Ingress → ingresses,
 * NetworkPolicy → networkpolicies, Endpoints → endpoints. A custom kind may have any plural: ask the CRD.
 */
export function pluralOf(kind: string): string {
  const lower = kind.toLowerCase();
  // "Endpoints" is the one built-in kind that is a plural already.
  if (lower === 'endpoints') return lower;
  if (/[^aeiou]y$/.test(lower)) return `${lower.slice(0, -1)}ies`;
  if (/(s|x|z|ch|sh)$/.test(lower)) return `${lower}es`;
  return `${lower}s`;
}

/** The type of a kind whose plural follows the rule of pluralOf(). @throws TypeError as parseApiVersion() */
export function regularType(
  { apiVersion, kind }: { apiVersion: string; kind: string },
  namespaced: boolean = true,
): ResourceType {
  return { ...parseApiVersion(apiVersion), kind, plural: pluralOf(kind), namespaced };
}

/** One path segment; `.` and `..` would be resolved away by URL normalisation, so they are refused. */
function segment(text: string): string {
  if (text === '.' || text === '..') throw new TypeError(`"${text}" cannot be part of an object's path`);
  return encodeURIComponent(text);
}
