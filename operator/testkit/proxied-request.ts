import type { IncomingHttpHeaders } from 'node:http';

/** Verbs of the Kubernetes API as far as a proxy can distinguish them. */
export type Verb = 'get' | 'list' | 'watch' | 'create' | 'update' | 'patch' | 'delete' | 'deletecollection';

/** The objects a request is about, read from its path. */
export interface RequestedResource {
  /** Plural of the kind, such as `deployments`. */
  plural: string;
  namespace?: string;
  name?: string;
  /** Such as `status`. */
  subresource?: string;
}

/** A request as rules see it. */
export interface ProxiedRequest {
  method: string;
  /** Path without query. */
  path: string;
  query: URLSearchParams;
  headers: IncomingHttpHeaders;
  /** Whether it is a watch. */
  watch: boolean;
  /** Number of the client's connection, counted from 1. */
  connection: number;
  /** What it asks for; undefined for paths outside the resources, such as /version. */
  resource?: RequestedResource;
  verb?: Verb;
}

/** Which requests a fault concerns. What is left out does not matter; of lists one has to fit. */
export interface RequestFilter {
  /** Plural of the kind, such as `deployments`; its subresources are meant too. */
  plural?: string | readonly string[];
  verb?: Verb | readonly Verb[];
  namespace?: string;
  name?: string;
}

const VERBS: Readonly<Record<string, Verb>> = { POST: 'create', PUT: 'update', PATCH: 'patch' };
const PATH =
  /^\/(?:api|apis\/[^/]+)\/[^/]+(?:\/namespaces\/(?<namespace>[^/]+))?\/(?<plural>[^/]+)(?:\/(?<name>[^/]+)(?:\/(?<subresource>.+))?)?$/;

/** Reads what a request is about from its method, path and whether it is a watch. */
export function resourceOf(
  method: string,
  path: string,
  watch: boolean,
): { resource: RequestedResource; verb: Verb } | undefined {
  // `/api/v1/namespaces/NAME` is an object, not a collection in it.
  const namespaceItself = /^\/api\/v1\/namespaces\/([^/]+)$/.exec(path);
  const { namespace, plural, name, subresource } = namespaceItself
    ? { plural: 'namespaces', name: namespaceItself[1], namespace: undefined, subresource: undefined }
    : (PATH.exec(path)?.groups ?? {});
  if (plural === undefined) return undefined;
  const resource: RequestedResource = {
    plural,
    ...(namespace === undefined ? {} : { namespace }),
    ...(name === undefined ? {} : { name }),
    ...(subresource === undefined ? {} : { subresource }),
  };
  if (method === 'GET') return { resource, verb: watch ? 'watch' : name === undefined ? 'list' : 'get' };
  if (method === 'DELETE') return { resource, verb: name === undefined ? 'deletecollection' : 'delete' };
  const verb = VERBS[method];
  return verb && { resource, verb };
}

/** A rule's `match` for a filter. */
export function requests(filter: RequestFilter): (request: ProxiedRequest) => boolean {
  return ({ resource, verb }) => {
    if (resource === undefined || verb === undefined) return false;
    return (
      fits(filter.plural, resource.plural) &&
      fits(filter.verb, verb) &&
      fits(filter.namespace, resource.namespace) &&
      fits(filter.name, resource.name)
    );
  };
}

function fits<T extends string>(wanted: T | readonly T[] | undefined, found: T | undefined): boolean {
  if (wanted === undefined) return true;
  if (found === undefined) return false;
  return typeof wanted === 'string' ? wanted === found : wanted.includes(found);
}
