import { readFile } from 'node:fs/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { eventually } from '../support/eventually.ts';
import { OperatorCluster, type OperatorProcess, sample } from '../support/operator-cluster.ts';
import { OtlpReceiver, type ReceivedSpan } from '../support/otlp-receiver.ts';

const RUN = 'reconcile RestAPI';
/** Spans begin and end by two clocks, which a process that is given no time reads one after the other, microseconds. */
const CLOCK_US = 50_000;
const SECRET = 'correct-horse-battery-staple';

let world: OperatorCluster;
beforeAll(async () => {
  world = await OperatorCluster.start();
  await world.kubectl('create', 'secret', 'generic', 'db', `--from-literal=password=${SECRET}`);
});
afterAll(async () => {
  await world?.[Symbol.asyncDispose]();
});

/** A module that says on standard error which packages, and parts of the bundled operator, are loaded. */
const TELLS_WHAT_IS_LOADED = `data:text/javascript,${encodeURIComponent(`
  import { registerHooks } from 'node:module';
  registerHooks({
    resolve(name, context, next) {
      process.stderr.write('loads ' + name + '\\n');
      return next(name, context);
    },
  });
`)}`;

/** Runs the compiled operator with these variables of its own. */
async function operatorWith(env: Record<string, string>, runtime?: string[]): Promise<OperatorProcess> {
  return world.spawnOperator({
    runtime,
    env: { OTEL_BSP_SCHEDULE_DELAY: '100', ...env },
    flags: ['--log-level', 'debug'],
  });
}

test('each run is one trace, with spans for its dependents and their requests', async () => {
  await using receiver = await OtlpReceiver.start();
  const operator = await operatorWith({
    OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url,
    OTEL_RESOURCE_ATTRIBUTES: 'deployment.environment.name=test,k8s.pod.name=operator-0',
    OTEL_EXPORTER_OTLP_HEADERS: 'x-tenant=blue',
  });
  const variables = [{ name: 'PASSWORD', valueFrom: { secretKeyRef: { name: 'db', key: 'password' } } }];
  await world.apply(sample('traced', { model: { env: variables } }));
  await world.untilReady('traced');
  expect(await operator.end('SIGTERM')).toBe(0);

  expect(new Set(receiver.paths)).toEqual(new Set(['POST /v1/traces']));
  expect(receiver.headers[0]).toMatchObject({ 'x-tenant': 'blue', 'content-type': 'application/json' });
  const runs = receiver.named(RUN);
  expect(runs.length).toBeGreaterThan(1);
  expect(new Set(runs.map(({ traceId }) => traceId)).size).toBe(runs.length);
  for (const run of runs) {
    expect(run.parentSpanId).toBeUndefined();
    expect(run.attributes).toMatchObject({
      'k8s.resource.kind': 'RestAPI',
      'k8s.resource.name': 'traced',
      'k8s.namespace.name': 'default',
      'reconcile.controller': 'RestAPIController',
    });
    expect(run.resource).toMatchObject({
      'service.name': 'restapi-operator',
      'service.version': expect.stringMatching(/^\d/),
      'deployment.environment.name': 'test',
      'k8s.pod.name': 'operator-0',
    });
  }
  // A run is the only thing without a parent, and every parent has arrived.
  const known = new Set(receiver.spans.map(({ spanId }) => spanId));
  for (const span of receiver.spans) {
    if (span.name === RUN) continue;
    expect(known, span.name).toContain(span.parentSpanId);
  }

  // The run that made everything.
  const making = runs.find((run) =>
    receiver.childrenOf(run).some(({ name }) => name === 'dependent ComponentDeployment'),
  );
  const deployments = childNamed(receiver, making, 'dependent ComponentDeployment');
  expect(deployments.attributes).toMatchObject({
    'dependent.kind': 'Deployment',
    'dependent.api_version': 'apps/v1',
    'dependent.objects': ['model', 'view', 'controller', 'repository'].map((name) => `create traced-${name}`),
    'dependent.ready': false,
  });
  const applies = receiver.childrenOf(deployments);
  expect(applies.map(({ name }) => name)).toEqual(Array(4).fill('apply deployments'));
  for (const apply of applies) {
    expect(apply.attributes).toMatchObject({
      'http.request.method': 'PATCH',
      'k8s.api.verb': 'apply',
      'k8s.api.resource': 'deployments',
      'http.response.status_code': 201,
    });
    expect(apply.failed).toBe(false);
    expect(apply.start).toBeGreaterThanOrEqual(deployments.start - CLOCK_US);
    expect(apply.end).toBeLessThanOrEqual(deployments.end + CLOCK_US);
  }
  expect(receiver.childrenOf(making as ReceivedSpan).map(({ name }) => name)).toContain('patch restapis/status');
  // Streams belong to no run.
  expect(receiver.spans.filter(({ attributes }) => attributes['k8s.api.verb'] === 'watch')).toEqual([]);

  const log = (await readFile(operator.log, 'utf8'))
    .split('\n')
    .flatMap((line) => (line.startsWith('{') ? [JSON.parse(line)] : []));
  const lines = log.filter(({ message }) => message === 'Reconciled');
  expect(new Set(lines.map(({ trace_id }) => trace_id))).toEqual(new Set(runs.map(({ traceId }) => traceId)));
  for (const body of receiver.bodies) {
    expect(body).not.toContain(SECRET);
    expect(body).not.toContain(Buffer.from(SECRET).toString('base64'));
    expect(body.toLowerCase()).not.toContain('bearer');
  }
});

test('a failure shows in the spans of its request, its dependent and its run', async () => {
  await using receiver = await OtlpReceiver.start();
  const operator = await operatorWith({ OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: `${receiver.url}/elsewhere` });
  const quota = {
    apiVersion: 'v1',
    kind: 'ResourceQuota',
    metadata: { name: 'full' },
    spec: { hard: { services: '0' } },
  };
  await world.kubectl('create', 'namespace', 'full');
  await world.apply({ ...quota, metadata: { name: 'full', namespace: 'full' } });
  await eventually(
    async () => (await world.get<{ status?: { hard?: object } }>('resourcequota', 'full', 'full'))?.status?.hard,
  );
  const api = sample('refused') as { metadata: object };
  await world.apply({ ...api, metadata: { ...api.metadata, namespace: 'full' } });
  const [run] = await eventually(() => {
    const failed = receiver.named(RUN).filter((span) => span.failed);
    return failed.length > 0 && failed;
  });
  await operator.end('SIGTERM');
  await world.kubectl('delete', 'namespace', 'full', '--wait=false');
  expect(new Set(receiver.paths)).toEqual(new Set(['POST /elsewhere']));
  expect(run?.attributes['error.type']).toBe('DependentsFailedError');
  expect(run?.message).toContain('exceeded quota: full');
  const services = childNamed(receiver, run, 'dependent FrontService');
  expect(services.failed).toBe(true);
  expect(services.message).toContain('Service refused: ');
  const refused = receiver.childrenOf(services).filter(({ failed }) => failed);
  expect(refused[0]?.attributes).toMatchObject({ 'http.response.status_code': 403, 'error.type': '403' });
});

test('a receiver that is down, or rejects spans, delays nothing and is logged once', async () => {
  await using receiver = await OtlpReceiver.start();
  receiver.status = 400;
  for (const [name, url] of [
    ['down', 'http://127.0.0.1:9'],
    ['refusing', receiver.url],
  ] as const) {
    const operator = await operatorWith({ OTEL_EXPORTER_OTLP_ENDPOINT: url });
    await world.apply(sample(name));
    await world.untilReady(name);
    await world.kubectl('delete', 'restapi', name, '--timeout=90s');
    await operator.says('Could not export traces');
    const from = performance.now();
    expect(await operator.end('SIGTERM')).toBe(0);
    // The deadline of the last traces is 3 s; without it, the exporter would try for 10 s and more.
    expect(performance.now() - from).toBeLessThan(9_000);
    const log = await readFile(operator.log, 'utf8');
    expect(log.split('Could not export traces').length - 1).toBe(1);
  }
  expect(receiver.bodies.length).toBeGreaterThan(1);
});

test('a receiver that never answers delays shutdown by three seconds at most', async () => {
  await using receiver = await OtlpReceiver.start();
  receiver.status = 0;
  const operator = await operatorWith({ OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url });
  await world.apply(sample('silent'));
  await world.untilReady('silent');
  await eventually(() => receiver.bodies.length > 0);
  await world.kubectl('delete', 'restapi', 'silent', '--timeout=90s');
  const from = performance.now();
  expect(await operator.end('SIGTERM')).toBe(0);
  expect(performance.now() - from).toBeLessThan(9_000);
  await operator.says('the last spans were not accepted within 3000 ms');
});

test('without an endpoint nothing is exported, and no exporter is loaded', async () => {
  await using receiver = await OtlpReceiver.start();
  const common = { OTEL_SERVICE_NAME: 'x', OTEL_TRACES_SAMPLER: 'always_on' };
  const sent = { ...common, OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url };
  const loaded: boolean[] = [];
  for (const [name, env] of [
    ['disabled', { ...sent, OTEL_SDK_DISABLED: 'true' }],
    ['unset', common],
    ['on', sent],
  ] as const) {
    const runtime = [process.execPath, '--import', TELLS_WHAT_IS_LOADED];
    const operator = await operatorWith(env, runtime);
    await world.apply(sample(name));
    await world.untilReady(name);
    expect(await operator.end('SIGTERM')).toBe(0);
    const log = await readFile(operator.log, 'utf8');
    expect(log).toMatch(/^loads \.\/chunks\/main-program-/m);
    // The bundle has all of @opentelemetry but its API in this part.
    loaded.push(/^loads \.\/open-telemetry-/m.test(log));
    expect(log.includes('"trace_id"')).toBe(name === 'on');
    if (name !== 'on') expect(receiver.connections).toBe(0);
  }
  expect(loaded).toEqual([false, false, true]);
  expect(receiver.spans[0]?.resource['service.name']).toBe('x');
});

function childNamed(receiver: OtlpReceiver, parent: ReceivedSpan | undefined, name: string): ReceivedSpan {
  const child = parent && receiver.childrenOf(parent).find((span) => span.name === name);
  if (!child)
    throw new Error(`no span "${name}" in ${parent?.name}; there are ${receiver.spans.map((span) => span.name)}`);
  return child;
}
