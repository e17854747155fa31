import type { Flow } from './fair-places.ts';

/** Verb and resource of a request, with few enough values for metric labels. */
export interface RequestName {
  verb: string;
  resource: string;
}

/** The parts of an API server path; `''` for missing ones. */
export interface PathParts {
  group: string;
  /** `''` for cluster-scoped objects, collections of all namespaces, and paths that are not resources. */
  namespace: string;
  /** `''` if the path is not a resource, such as `/version`. */
  plural: string;
  name: string;
  subresource: string;
}

/** Parses a path: `/apis/apps/v1/namespaces/x/deployments/d/scale`. A Namespace is a cluster-scoped object. */
export function pathParts(path: string): PathParts {
  const parts = path.split('/').filter((part) => part !== '');
  // /api/<version>/… or /apis/<group>/<version>/…
  const group = parts[0] === 'apis' ? (parts[1] ?? '') : '';
  const rest = parts[0] === 'api' ? parts.slice(2) : parts[0] === 'apis' ? parts.slice(3) : [];
  // namespaces/<ns>/<plural>/…, but namespaces/<ns>, …/status and …/finalize are the Namespace object itself.
  const inNamespace =
    rest[0] === 'namespaces' && rest.length > 2 && !['status', 'finalize'].includes(rest[2] as string);
  const namespace = inNamespace ? (rest[1] as string) : '';
  const [plural = '', name = '', subresource = ''] = inNamespace ? rest.slice(2) : rest;
  return { group, namespace, plural, name, subresource };
}

/**
 * Returns the name of a request for metrics from its method and path: `GET /api/v1/namespaces/x/pods` is `list pods`,
 * `PATCH …/deployments/d/scale` is `patch deployments/scale`. Names of objects and namespaces are left out.
 */
export function requestName(method: string, path: string, watch: boolean, contentType?: string): RequestName {
  const { plural, name, subresource } = pathParts(path);
  if (plural === '') return { verb: method.toLowerCase(), resource: `/${firstSegment(path)}` };
  const resource = subresource !== '' ? `${plural}/${subresource}` : plural;
  return { verb: verbOf(method, name !== '', watch, contentType), resource };
}

/**
 * Returns the flow of a request, see FairPlaces: what it reads or writes, in which namespace. Reads do not wait behind writes, which
 * admission webhooks may slow down, nor a status behind its object.
 */
export function requestFlow(method: string, path: string): Flow {
  const { group, namespace, plural, subresource } = pathParts(path);
  const verb = method === 'GET' ? 'read' : 'write';
  if (plural === '') return { resource: `${verb} /${firstSegment(path)}`, namespace };
  const of = `${plural}${group === '' ? '' : `.${group}`}${subresource === '' ? '' : `/${subresource}`}`;
  return { resource: `${verb} ${of}`, namespace };
}

function firstSegment(path: string): string {
  return path.split('/').find((part) => part !== '') ?? '';
}

function verbOf(method: string, named: boolean, watch: boolean, contentType: string | undefined): string {
  switch (method) {
    case 'GET':
      return watch ? 'watch' : named ? 'get' : 'list';
    case 'POST':
      return 'create';
    case 'PUT':
      return 'update';
    case 'PATCH':
      return contentType === 'application/apply-patch+yaml' ? 'apply' : 'patch';
    default:
      return method.toLowerCase();
  }
}
