import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type JsonSchema, schemaOf, validateResource } from '../../../operator/index.ts';
import { RestAPI } from '../../../resources/index.ts';
import { BAD, GOOD } from './cases.ts';
import { plainPath, Server, sample } from './server.ts';

let server: Server;
beforeAll(async () => {
  server = await Server.start();
});
afterAll(() => server?.stop());

test('every field has a description', () => {
  const undescribed: string[] = [];
  const visit = (schema: JsonSchema, path: string): void => {
    for (const [name, field] of Object.entries(schema.properties ?? schema.items?.properties ?? {})) {
      const known = path === '' && ['apiVersion', 'kind', 'metadata'].includes(name);
      if (!known && !field.description) undescribed.push(`${path}.${name}`);
      if (!known) visit(field, `${path}.${name}`);
    }
  };
  visit(schemaOf(RestAPI), '');
  expect(undescribed).toEqual([]);
});

test('the API server accepts the CRD without warnings', () => {
  expect(server.created).toBe('customresourcedefinition.apiextensions.k8s.io/restapis.restapi.dev created\n');
});

test('the API server stores the defaults of each component', async () => {
  const { object } = await server.tryCreate(sample('defaults', { model: { replicas: 3 }, view: { resources: {} } }));
  const { resources: _model, ...model } = object.spec.model;
  const others = { enabled: true, service: { type: 'ClusterIP' }, terminationGracePeriodSeconds: 30, drainSeconds: 5 };
  expect(model).toEqual({ ...others, port: 8080, replicas: 3 });
  expect(object.spec.view).toEqual({ ...others, port: 3000, resources: {} });
  expect(object.spec.controller).toMatchObject({ port: 8081, resources: { limits: { cpu: '1', memory: '512Mi' } } });
  expect(object.spec.repository).toMatchObject({ port: 8082, resources: { limits: { 'ephemeral-storage': '2Gi' } } });
  expect(object.spec.replicas).toBe(1);
  expect(object.spec.minReadySeconds).toBe(10);
  expect(object.spec).not.toHaveProperty('envVars');
  expect(object.spec).not.toHaveProperty('blueGreen');
  const released = await server.tryCreate(sample('defaults', { blueGreen: {} }));
  expect(released.object.spec.blueGreen).toEqual({
    enabled: false,
    autoPromotion: { enabled: true, seconds: 0 },
    scaleDownDelaySeconds: 30,
    progressDeadlineSeconds: 600,
    abortOnFailure: true,
    autoRollbackSeconds: 60,
    autoRollbackFailingSeconds: 30,
    paused: false,
    revisionHistoryLimit: 10,
  });
});

describe('API server and operator reject, with the field:', () => {
  test.each(BAD)('%s', async (_what, object, field) => {
    const answer = await server.tryCreate(object, 'fieldValidation=Ignore');
    expect(answer.accepted).toBe(false);
    expect(answer.fields).toContain(field);
    expect(answer.message).not.toContain('evaluating rule');

    const errors = validateResource(RestAPI, object);
    expect(errors.map((error) => plainPath(error.field))).toContain(field);
  });
});

describe('API server and operator accept:', () => {
  test.each(GOOD)('%s', async (_what, object) => {
    expect(validateResource(RestAPI, object)).toEqual([]);
    const answer = await server.tryCreate(object);
    expect(answer.message).toBe('');
    // The operator also accepts the stored object.
    expect(validateResource(RestAPI, answer.object)).toEqual([]);
  });
});

test.each([
  ['spec.image', { image: 'A b' }, 'is not a valid image reference: use [registry[:port]/]path[:tag][@digest]'],
  ['spec.envVars', { envVars: { B: '', '1a': '' } }, '1a is not a valid variable name: use letters'],
  ['spec.envVars', { envVars: { B: '', PORT: '' } }, 'PORT is set by the operator: remove it'],
  ['spec.view.port', { view: { port: 8080 } }, 'equals spec.model.port: give each'],
  [
    'spec.model.resources',
    { model: { resources: { requests: { cpu: 2 }, limits: { cpu: 1 } } } },
    'lower requests or raise',
  ],
  [
    'spec.view.expose.ingressClassName',
    { view: { expose: { host: 'a.b', ingressClassName: 'nginx', gateway: { name: 'a' } } } },
    'remove ingressClassName or gateway',
  ],
  [
    'spec.repository.storage.accessMode',
    { blueGreen: { enabled: true }, repository: { storage: {} } },
    'spec.blueGreen.enabled runs the old and the new version in parallel: use ReadWriteMany',
  ],
])('API server and operator return the same message with a remedy for %s', async (field, spec, text) => {
  expect((await server.tryCreate(sample('same', spec))).message).toContain(text);
  expect(validateResource(RestAPI, sample('same', spec))).toMatchObject([
    { field, message: expect.stringContaining(text) },
  ]);
});

test('an unknown component is rejected for strict clients and dropped for others', async () => {
  const object = sample('unknown', { modle: {}, model: { prot: 1 } });
  expect((await server.tryCreate(object)).fields).toEqual(['spec.model.prot', 'spec.modle']);
  const { object: stored } = await server.tryCreate(object, 'fieldValidation=Ignore');
  expect(stored.spec).not.toHaveProperty('modle');
  expect(stored.spec.model).not.toHaveProperty('prot');
});

test('keys such as __proto__ are stored unchanged', async () => {
  const envVars = JSON.parse('{"__proto__":"1","constructor":"2","toString":"3"}');
  const { message } = await server.create(sample('proto', { envVars }));
  expect(message).toBe('');
  const stored = JSON.parse(await server.kubectl('get', 'ra', 'proto', '-o', 'json'));
  expect(Object.entries(stored.spec.envVars).sort()).toEqual(Object.entries(envVars).sort());
  expect(validateResource(RestAPI, stored)).toEqual([]);
});

test('accepted values produce a valid ConfigMap, Deployment and Service', async () => {
  const envVars = JSON.parse('{"__proto__":"1","-x":"2",".a":"3","a.b-c_D1":"4"}');
  expect((await server.tryCreate(sample('env', { envVars }))).accepted).toBe(true);
  const container = {
    name: 'x',
    image: 'x',
    env: Object.entries(envVars).map(([name, value]) => ({ name, value })),
    resources: { requests: { cpu: '.5', memory: '1e3' }, limits: { 'example.com/gpu': '1', memory: 1_000_000 } },
  };
  const objects = [
    { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'env' }, data: envVars },
    {
      apiVersion: 'apps/v1',
      kind: 'Deployment',
      metadata: { name: 'env' },
      spec: {
        selector: { matchLabels: { a: 'b' } },
        template: { metadata: { labels: { a: 'b' } }, spec: { containers: [container] } },
      },
    },
    {
      apiVersion: 'v1',
      kind: 'Service',
      metadata: { name: `${'a'.repeat(40)}-repository-green` },
      spec: { ports: [{ port: 1 }] },
    },
  ];
  const input = JSON.stringify({ apiVersion: 'v1', kind: 'List', items: objects });
  const { stderr } = await server.cluster.kubectl(['create', '--dry-run=server', '-f', '-'], { input });
  expect(stderr).toBe('');
});

test('kubectl shows the short name, category and columns', async () => {
  expect((await server.create(sample('shown'))).message).toBe('');
  const status = { phase: 'Progressing', replicas: 4, readyReplicas: 3 };
  await server.kubectl(
    'patch',
    'ra',
    'shown',
    '--subresource=status',
    '--type=merge',
    '-p',
    JSON.stringify({ status }),
  );
  const [head, row] = (await server.kubectl('get', 'ra', 'shown')).split('\n').map((line) => line.split(/\s+/));
  expect(head).toEqual(['NAME', 'PHASE', 'READY', 'REPLICAS', 'AGE']);
  expect(row?.slice(0, 4)).toEqual(['shown', 'Progressing', '3', '4']);
  expect(await server.kubectl('get', 'ra', 'shown', '-o', 'wide')).toContain('registry.example.com/shop:1.2');
  expect(await server.kubectl('get', 'all')).toContain('restapi.restapi.dev/shown');
});

test('kubectl explain shows the descriptions', async () => {
  expect(await server.kubectl('explain', 'ra')).toContain('A RestAPI is an MVC+R application');
  expect(await server.kubectl('explain', 'ra.spec.controller.port')).toContain('Port the component listens on');
  expect(await server.kubectl('explain', 'ra.status.conditions')).toContain('Conditions of the RestAPI');
});

test('the API server validates the status', async () => {
  expect((await server.create(sample('status'))).message).toBe('');
  const patch = (status: object) =>
    server.kubectl('patch', 'ra', 'status', '--subresource=status', '--type=merge', '-p', JSON.stringify({ status }));
  await expect(patch({ conditions: [{ type: 'Ready', status: 'Maybe' }] })).rejects.toThrow(
    'status.conditions[0].status',
  );
  const condition = {
    type: 'Ready',
    status: 'True',
    reason: 'Ready',
    message: '',
    lastTransitionTime: '2026-01-01T00:00:00Z',
  };
  await patch({ conditions: [condition], components: [{ name: 'model', replicas: 1, readyReplicas: 1 }] });
});
