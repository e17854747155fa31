import { describe, expect, it } from 'vitest';
import { apiVersionOf, parseApiVersion, pluralOf, resourcePath } from '../../../operator/resource/resource-type.ts';
import {
  ApiError,
  isAlreadyExists,
  isConflict,
  isGone,
  isNamespaceTerminating,
  isNotFound,
} from '../../../operator/transport/api-error.ts';
import { ByteQueue } from '../../../operator/transport/byte-queue.ts';
import { requestName } from '../../../operator/transport/request-name.ts';

const DEPLOYMENT = { group: 'apps', version: 'v1', kind: 'Deployment', plural: 'deployments', namespaced: true };
const NODE = { group: '', version: 'v1', kind: 'Node', plural: 'nodes', namespaced: false };

describe('resource types', () => {
  it('build paths', () => {
    expect(resourcePath(DEPLOYMENT)).toBe('/apis/apps/v1/deployments');
    expect(resourcePath(DEPLOYMENT, 'a')).toBe('/apis/apps/v1/namespaces/a/deployments');
    expect(resourcePath(DEPLOYMENT, 'a', 'b', 'status')).toBe('/apis/apps/v1/namespaces/a/deployments/b/status');
    expect(resourcePath(NODE, undefined, 'system:x/y')).toBe('/api/v1/nodes/system%3Ax%2Fy');
    expect(resourcePath(NODE, 'ignored', 'n')).toBe('/api/v1/nodes/n');
  });

  it('reject parts that would change the path', () => {
    expect(() => resourcePath(DEPLOYMENT, 'a', '')).toThrow('must not be empty');
    expect(() => resourcePath(DEPLOYMENT, undefined, 'b')).toThrow('a namespace is needed');
    expect(() => resourcePath(DEPLOYMENT, 'a', '..')).toThrow('cannot be part');
    expect(() => resourcePath(DEPLOYMENT, 'a', undefined, 'status')).toThrow('needs the name');
  });

  it('read and write apiVersion', () => {
    for (const text of ['v1', 'apps/v1']) expect(apiVersionOf(parseApiVersion(text))).toBe(text);
    expect(() => parseApiVersion('a/b/c')).toThrow(TypeError);
    expect(() => parseApiVersion('')).toThrow(TypeError);
  });

  it.each([
    ['Pod', 'pods'],
    ['Ingress', 'ingresses'],
    ['NetworkPolicy', 'networkpolicies'],
    ['Endpoints', 'endpoints'],
    ['HorizontalPodAutoscaler', 'horizontalpodautoscalers'],
    ['EndpointSlice', 'endpointslices'],
    ['StorageClass', 'storageclasses'],
    ['Gateway', 'gateways'],
    ['PodDisruptionBudget', 'poddisruptionbudgets'],
    ['RestAPI', 'restapis'],
  ])('the plural of %s is %s', (kind, plural) => {
    expect(pluralOf(kind)).toBe(plural);
  });
});

describe('ApiError', () => {
  const status = (reason: string, code: number, details = {}) =>
    new ApiError({
      status: code,
      method: 'POST',
      path: '/p',
      body: JSON.stringify({ kind: 'Status', reason, message: 'no, because', details }),
    });

  it('names verb, path, status and the message of the server', () => {
    expect(status('NotFound', 404).message).toBe('POST /p returned 404 NotFound: no, because');
  });

  it('distinguishes kinds of failure', () => {
    expect(isNotFound(status('NotFound', 404))).toBe(true);
    expect(isConflict(status('Conflict', 409))).toBe(true);
    expect(isConflict(status('AlreadyExists', 409))).toBe(false);
    expect(isAlreadyExists(status('AlreadyExists', 409))).toBe(true);
    expect(isGone(status('Expired', 410))).toBe(true);
    expect(isNamespaceTerminating(status('Forbidden', 403, { causes: [{ reason: 'NamespaceTerminating' }] }))).toBe(
      true,
    );
    expect(isNamespaceTerminating(status('Forbidden', 403))).toBe(false);
    expect(isNotFound(new Error('x'))).toBe(false);
  });

  it('handles answers of a load balancer, and never quotes an object', () => {
    const html = new ApiError({ status: 502, method: 'GET', path: '/p', body: '<html>\n  bad   gateway</html>' });
    expect(html.message).toBe('GET /p returned 502: <html> bad gateway</html>');
    const secret = new ApiError({
      status: 500,
      method: 'GET',
      path: '/p',
      body: '{"kind":"Secret","data":{"a":"aHVzaA=="}}',
    });
    expect(secret.message).not.toContain('aHVzaA');
  });
});

describe('ByteQueue', () => {
  it('pauses the network while the reader is slow', async () => {
    const calls: string[] = [];
    const queue = new ByteQueue({ pause: () => calls.push('pause'), resume: () => calls.push('resume') });
    queue.push(new Uint8Array(2_000_000));
    queue.push(new Uint8Array(1));
    expect(calls).toEqual(['pause']);
    queue.end();
    let bytes = 0;
    for await (const chunk of queue) bytes += chunk.byteLength;
    expect(bytes).toBe(2_000_001);
    expect(calls).toEqual(['pause', 'resume']);
  });
});

describe('names of requests for metrics', () => {
  it.each([
    ['GET', '/api/v1/pods', 'list pods'],
    ['GET', '/api/v1/namespaces/x/pods/y', 'get pods'],
    ['GET', '/api/v1/namespaces/x', 'get namespaces'],
    ['PUT', '/api/v1/namespaces/x/finalize', 'update namespaces/finalize'],
    ['PATCH', '/apis/apps/v1/namespaces/x/deployments/y/scale', 'patch deployments/scale'],
    ['POST', '/apis/restapi.dev/v1alpha1/namespaces/x/restapis', 'create restapis'],
    ['GET', '/readyz', 'get /readyz'],
  ])('%s %s is "%s"', (method, path, name) => {
    const { verb, resource } = requestName(method, path, false);
    expect(`${verb} ${resource}`).toBe(name);
  });
});
