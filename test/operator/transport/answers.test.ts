import { expect, it } from 'vitest';
import { ApiClient } from '../../../operator/transport/api-client.ts';
import type { RequestObservation } from '../../../operator/transport/api-client-types.ts';
import { TransportError } from '../../../operator/transport/transport-error.ts';
import { UnexpectedAnswerError } from '../../../operator/transport/unexpected-answer-error.ts';
import { startPlainServer } from '../../support/plain-server.ts';

const POD = { group: '', version: 'v1', kind: 'Pod', plural: 'pods', namespaced: true };
const JSON_TYPE = 'application/json';
const HTML = '<html><body>Please log in, hush-hush</body></html>';
const OBJECT = JSON.stringify({ apiVersion: 'v1', kind: 'Pod', metadata: { name: 'p' }, data: 'hush-hush' });
const NO_VERSION = 'with a PodList without metadata.resourceVersion';
const list = (fields: object, kind = 'PodList') =>
  JSON.stringify({ apiVersion: 'v1', kind, metadata: { resourceVersion: '7' }, items: [], ...fields });

/** Answers everything with this, and fails the test's calls with what the client makes of it. */
async function answered(contentType: string | undefined, body: string, call: (client: ApiClient) => Promise<unknown>) {
  await using server = await startPlainServer((_request, response) => {
    response.writeHead(200, contentType === undefined ? {} : { 'content-type': contentType }).end(body);
  });
  const seen: RequestObservation[] = [];
  const client = new ApiClient({
    kubeConfig: server.kubeConfig,
    userAgent: 'test',
    onRequest: (observation) => seen.push(observation),
  });
  const result = await call(client).then(
    (value) => ({ value, error: undefined }),
    (error: unknown) => ({ value: undefined, error }),
  );
  await client.close();
  return { ...result, codes: seen.map(({ code }) => code), requests: server.log.length };
}

const listAll = (client: ApiClient) => client.listAll(POD, {}, (pod) => pod.metadata?.name);

it.each([
  ['a login page', 'text/html; charset=utf-8', HTML, 'with text/html instead of JSON'],
  ['a login page that is called JSON', JSON_TYPE, HTML, 'with a body that is not valid JSON'],
  ['nothing', JSON_TYPE, '', 'with an empty body instead of a list'],
  ['an empty object', JSON_TYPE, '{}', 'with an object without a kind instead of a list'],
  ['an array', JSON_TYPE, '[]', 'with an array instead of a list'],
  ['null', JSON_TYPE, 'null', 'with null instead of a list'],
  ['a string', JSON_TYPE, '"PodList"', 'with a string instead of a list'],
  ['one object', JSON_TYPE, OBJECT, 'with an object of kind Pod instead of a list'],
  ['a Status', JSON_TYPE, '{"kind":"Status","status":"Success"}', 'with an object of kind Status instead of a list'],
  ['a list without items', JSON_TYPE, list({ items: undefined }), 'with a PodList without an array of items'],
  ['a list whose items are an object', JSON_TYPE, list({ items: {} }), 'with a PodList without an array of items'],
  ['a list without metadata', JSON_TYPE, list({ metadata: undefined }), NO_VERSION],
  ['a list without a version', JSON_TYPE, list({ metadata: {} }), NO_VERSION],
  ['a list with an empty version', JSON_TYPE, list({ metadata: { resourceVersion: '' } }), NO_VERSION],
])('%s is a failed list, not an empty one', async (_what, type, body, message) => {
  const { error, codes } = await answered(type, body, listAll);
  expect(error).toBeInstanceOf(UnexpectedAnswerError);
  expect(error).toBeInstanceOf(TransportError);
  expect((error as Error).message).toContain(`returned 200 ${message}`);
  expect((error as Error).message).not.toContain('hush');
  expect(JSON.stringify(error) + String((error as Error).cause)).not.toContain('hush');
  // A read is tried again: it may have been a hiccup.
  expect(codes).toEqual(['unexpected', 'unexpected', 'unexpected', 'unexpected']);
});

it.each([
  ['an empty list', JSON_TYPE, list({}), []],
  ['null for an empty list', JSON_TYPE, list({ items: null }), []],
  ['no content type', undefined, list({}), []],
  ['metadata alone', 'application/json;as=PartialObjectMetadataList', list({}, 'PartialObjectMetadataList'), []],
  ['objects', JSON_TYPE, list({ items: [{ metadata: { name: 'p' } }] }), ['p']],
])('accepts a list with %s', async (_what, type, body, items) => {
  const { value } = await answered(type, body, listAll);
  expect(value).toEqual({ items, resourceVersion: '7' });
});

it('a list without a version, as from metrics.k8s.io, is accepted if allowed', async () => {
  const body = list({ metadata: {}, items: [{ metadata: { name: 'p' } }] }, 'PodMetricsList');
  const { value } = await answered(JSON_TYPE, body, (client) =>
    client.listAll(POD, { unversioned: true }, (pod) => pod.metadata?.name),
  );
  expect(value).toEqual({ items: ['p'], resourceVersion: '' });
  const { error } = await answered('text/html', HTML, (client) =>
    client.listAll(POD, { unversioned: true }, (pod) => pod.metadata?.name),
  );
  expect(error).toBeInstanceOf(UnexpectedAnswerError);
});

const object = { apiVersion: 'v1', kind: 'Pod', metadata: { name: 'p', namespace: 'a' } };
it.each([
  ['get', 4, (client: ApiClient) => client.get(POD, 'a', 'p')],
  ['apply', 4, (client: ApiClient) => client.apply(POD, object, { fieldManager: 'x' })],
  ['delete by uid', 4, (client: ApiClient) => client.delete(POD, 'a', 'p', { uid: 'u' })],
  ['create', 1, (client: ApiClient) => client.create(POD, object)],
  ['merge patch', 1, (client: ApiClient) => client.mergePatch(POD, 'a', 'p', {})],
  ['JSON patch', 1, (client: ApiClient) => client.jsonPatch(POD, 'a', 'p', [])],
  ['delete', 1, (client: ApiClient) => client.delete(POD, 'a', 'p')],
  ['a raw PUT', 1, (client: ApiClient) => client.request({ method: 'PUT', path: '/api/v1/namespaces/a/pods/p' })],
])(
  '%s answered with a login page has failed; it is repeated only where that is harmless',
  async (_what, times, call) => {
    const { error, requests } = await answered('text/html', HTML, call);
    expect(error).toBeInstanceOf(UnexpectedAnswerError);
    expect((error as UnexpectedAnswerError).fate).toBe('unknown');
    expect(requests).toBe(times);
  },
);

it.each([
  ['get', (client: ApiClient) => client.get(POD, 'a', 'p')],
  ['apply', (client: ApiClient) => client.apply(POD, object, { fieldManager: 'x' })],
  ['create', (client: ApiClient) => client.create(POD, object)],
  ['merge patch', (client: ApiClient) => client.mergePatch(POD, 'a', 'p', {})],
])('%s requires an answer with a kind', async (_what, call) => {
  const { error } = await answered(JSON_TYPE, '{}', call);
  expect(error).toBeInstanceOf(UnexpectedAnswerError);
  expect((error as Error).message).toContain('with an object without a kind instead of an object with a kind');
});

it('text is returned if text was requested', async () => {
  const readyz = (accept?: string) => (client: ApiClient) => client.request({ method: 'GET', path: '/readyz', accept });
  expect((await answered('text/plain; charset=utf-8', 'ok', readyz('text/plain'))).value).toBe('ok');
  expect((await answered('text/plain; charset=utf-8', 'ok', readyz())).error).toBeInstanceOf(UnexpectedAnswerError);
});

it('a watch answered with an HTML page fails', async () => {
  const watch = async (client: ApiClient) => {
    const stream = await client.stream({ path: '/api/v1/pods', query: { watch: true } });
    for await (const _ of stream);
  };
  const { error, codes } = await answered('text/html', HTML, watch);
  expect(error).toBeInstanceOf(UnexpectedAnswerError);
  expect((error as Error).message).toContain('returned 200 with text/html instead of a stream of JSON');
  expect(codes).toEqual(['unexpected']);
  for (const type of ['application/json', 'application/json;stream=watch', undefined])
    expect((await answered(type, '', watch)).error).toBeUndefined();
});
