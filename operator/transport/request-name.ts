/** What a request is about, in few enough different values to label metrics with. */
export interface RequestName {
  verb: string;
  resource: string;
}

/**
 * Name a request for metrics from its method, path and query: `GET /api/v1/namespaces/x/pods` is `list pods`,
 * `PATCH …/deployments/d/scale` is `patch deployments/scale`. Names of objects and namespaces never get in.
 */
export function requestName(method: string, path: string, watch: boolean, contentType?: string): RequestName {
  const parts = path.split('/').filter((part) => part !== '');
  // /api/<version>/… or /apis/<group>/<version>/…
  const rest = parts[0] === 'api' ? parts.slice(2) : parts[0] === 'apis' ? parts.slice(3) : [];
  // namespaces/<ns>/<plural>/…, but namespaces/<ns>, …/status and …/finalize are the Namespace object itself.
  const inner =
    rest[0] === 'namespaces' && rest.length > 2 && !['status', 'finalize'].includes(rest[2] as string)
      ? rest.slice(2)
      : rest;
  const [plural, name, ...subresource] = inner;
  if (plural === undefined) return { verb: method.toLowerCase(), resource: `/${parts[0] ?? ''}` };
  const resource = subresource.length > 0 ? `${plural}/${subresource[0]}` : plural;
  return { verb: verbOf(method, name !== undefined, watch, contentType), resource };
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
