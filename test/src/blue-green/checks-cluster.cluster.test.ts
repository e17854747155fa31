import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { StoredObject } from '../../../operator/index.ts';
import { eventually } from '../../support/eventually.ts';
import { OperatorCluster } from '../../support/operator-cluster.ts';
import { TestServer } from '../checks/server.ts';
import { FAILING, HANGING, JOB_STAGES } from './job-stages.ts';
import { SafetyObserver } from './observer.ts';
import { App } from './support.ts';
import { startTraffic, type Traffic } from './traffic.ts';

type Job = StoredObject & {
  spec: { template: { spec: { containers: { env: { name: string; value: string }[] }[] } } };
};

const LEVELS = ['enforce', 'warn', 'audit'].map((mode) => `pod-security.kubernetes.io/${mode}=restricted`);

let world: OperatorCluster;
let prometheus: TestServer;
/** Routes to the Services of the namespace, whichever RestAPI they belong to. */
let traffic: Traffic;
let errorRate = '0';
const checks = () => ({ prometheusUrl: prometheus.url, dispatcher: traffic.dispatcher, namespace: 'restapi-system' });
beforeAll(async () => {
  world = await OperatorCluster.start({ kwokNodes: 3, kwokConfig: JOB_STAGES });
  // Jobs must be such that they are let in here.
  await world.kubectl('label', 'namespace', 'default', ...LEVELS);
  prometheus = await TestServer.start((_, response) => {
    const result = [{ metric: {}, value: [Date.now() / 1_000, errorRate] }];
    response.end(JSON.stringify({ status: 'success', data: { resultType: 'vector', result } }));
  });
  traffic = await startTraffic(world, { namespace: 'default', name: 'any' });
  await world.startOperator({ checks: checks() });
});
afterAll(async () => {
  await traffic?.close();
  await world?.[Symbol.asyncDispose]();
  await prometheus?.[Symbol.asyncDispose]();
});

const jobs = (name: string) => world.list<Job>('jobs', '-l', `restapi.dev/name=${name}`);
const gone = (name: string) =>
  eventually(async () => (await jobs(name)).length === 0, { what: `the Jobs of ${name} are gone` });
const end = (name: string) => world.kubectl('delete', 'restapi', name, '--timeout=60s');

test('all kinds of checks pass, before and after: promotes, reports their targets, and writes nothing more', async () => {
  const all = [
    { name: 'smoke', http: {}, successes: 2, intervalSeconds: 1 },
    { name: 'model', http: { component: 'model', path: '/ready?deep=1' } },
    {
      name: 'suite',
      job: { image: 'registry.example.com/tests:1', command: ['/tests'], env: [{ name: 'X', value: 'y' }] },
    },
    { name: 'errors', prometheus: { query: 'rate{env="{{environment}}"}', max: 0.1 } },
  ];
  const app = await App.start(world, 'good', { prePromotion: all, postPromotion: all, scaleDownDelaySeconds: 1 });
  await using observer = await SafetyObserver.start(world, { namespace: 'default', name: 'good', least: 2 });
  expect((await app.status()).checks).toBeUndefined();
  const mark = await world.cluster.auditMark();
  await app.image('2.0.0');
  await app.until('checks before', ({ release }) => release?.phase === 'Checking');
  const [job] = await eventually(async () => {
    const found = await jobs('good');
    return found.length > 0 && found;
  });
  const env = job?.spec.template.spec.containers[0]?.env;
  expect(env).toContainEqual({ name: 'MODEL_URL', value: 'http://good-model-green:8080' });
  expect(env).toContainEqual({ name: 'X', value: 'y' });
  await app.until('checks after', (status) => status.checks?.stage === 'postPromotion');
  const status = await app.until(
    'all passed',
    ({ checks: found }) => found?.stage === 'postPromotion' && found.result === 'Passed',
  );
  expect(status.activeEnvironment).toBe('green');
  expect(status.checks?.checks).toMatchObject([
    {
      name: 'smoke',
      result: 'Passed',
      attempts: 2,
      failures: 0,
      message: 'GET http://good.default.svc:3000/health returned 200',
    },
    { name: 'model', attempts: 1, message: 'GET http://good-model-green.default.svc:8080/ready?deep=1 returned 200' },
    { name: 'suite', attempts: 1 },
    { name: 'errors', attempts: 1, message: 'the query returned 0, which is at most 0.1' },
  ]);
  await gone('good');
  await app.untilReplicas('blue', 0);
  const writes = (await world.operatorWrites(mark, true)).filter((write) => write.includes(' jobs '));
  // One to make it and one to delete it.
  expect(writes.map((write) => write.split(' ')[0]).sort()).toEqual(['delete', 'delete', 'patch', 'patch']);
  expect(new Set(prometheus.requests.map(({ body }) => new URLSearchParams(body).get('query')))).toEqual(
    new Set(['rate{env="green"}']),
  );
  await world.untilQuiet();
  const quiet = await world.cluster.auditMark();
  await world.kubectl('annotate', 'restapi', 'good', 'look=here');
  await sleep(2_000);
  expect(await world.operatorWrites(quiet)).toEqual([]);
  await observer.settle();
  expect(observer.violations).toEqual([]);
  await end('good');
});

test('a version that answers errors is not promoted', async () => {
  const app = await App.start(world, 'broken', {
    prePromotion: [{ name: 'smoke', http: {}, allowedFailures: 1, intervalSeconds: 1 }],
  });
  await app.image('broken');
  const status = await app.until('rejected', ({ rejections, release }) => rejections !== undefined && !release);
  expect(status).toMatchObject({
    activeEnvironment: 'blue',
    rejections: [
      {
        reason: 'CheckFailed',
        message:
          'check smoke failed (2 of 2 attempts): GET http://broken-preview.default.svc:3000/health returned 503, expected 200 to 299',
      },
    ],
    history: [{ result: 'Aborted' }],
  });
  await app.untilReplicas('green', 0);
  // Events are written beside the rest.
  const about = await eventually(async () => {
    const events = await world.list<{ reason: string; regarding: { name: string }; note: string }>(
      'events.events.k8s.io',
    );
    const found = events.filter(({ regarding, reason }) => regarding.name === 'broken' && reason === 'ChecksFailed');
    return found.length > 0 && found;
  });
  expect(about).toMatchObject([{ note: expect.stringContaining('check smoke failed') }]);

  // All the same, if somebody says so.
  const revision = String(status.rejections?.[0]?.revision);
  await world.kubectl(
    'annotate',
    'restapi',
    'broken',
    `restapi.dev/retry=${revision}`,
    `restapi.dev/skip-checks=${revision}`,
  );
  const skipped = await app.untilActive('green');
  expect(skipped.checks).toMatchObject({ result: 'Skipped' });
  expect(skipped.history?.[0]).toMatchObject({
    result: 'Promoted',
    message: expect.stringContaining('checks were skipped'),
  });
  await end('broken');
});

test('a check that fails after the switch: requests go back at once', async () => {
  const app = await App.start(world, 'back', {
    postPromotion: [{ name: 'errors', prometheus: { query: 'rate', max: 0.1 } }],
    scaleDownDelaySeconds: 1,
  });
  await using observer = await SafetyObserver.start(world, { namespace: 'default', name: 'back', least: 2 });
  errorRate = '0.5';
  await app.image('2.0.0');
  const status = await app.until(
    'back in blue',
    ({ history, release }) => history?.[0]?.result === 'RolledBack' && !release,
  );
  errorRate = '0';
  expect(status.activeEnvironment).toBe('blue');
  expect(await app.selected('back')).toBe('blue');
  expect(status.rejections?.[0]).toMatchObject({
    reason: 'CheckFailed',
    message: 'check errors failed (1 of 1 attempts): the query returned 0.5, expected at most 0.1',
  });
  expect(status.history?.map(({ result }) => result)).toEqual(['RolledBack', 'Promoted']);
  await observer.settle();
  expect(observer.violations).toEqual([]);
  await end('back');
});

test('a Job that fails, and one that does not finish, abort the release; their Jobs are deleted', async () => {
  const app = await App.start(world, 'jobs', { prePromotion: [{ name: 'suite', job: { image: FAILING } }] });
  await app.image('2.0.0');
  const failed = await app.until('rejected', ({ rejections, release }) => rejections !== undefined && !release);
  expect(failed.rejections?.[0]?.message).toMatch(
    /^check suite failed .* Job jobs-check-[0-9a-f]{16}: BackoffLimitExceeded/,
  );
  await gone('jobs');

  await app.patch({ blueGreen: { prePromotion: [{ name: 'suite', job: { image: HANGING }, timeoutSeconds: 2 }] } });
  await app.image('3.0.0');
  const late = await app.until(
    'rejected again',
    ({ rejections, release }) =>
      rejections?.[0]?.revision !== failed.rejections?.[0]?.revision && !release && rejections !== undefined,
  );
  expect(late.rejections?.[0]?.message).toContain('DeadlineExceeded');
  expect(late.activeEnvironment).toBe('blue');
  await gone('jobs');
  await end('jobs');
});

test('an operator killed in mid-check: the next one makes the attempt again, and it counts once', async () => {
  let asked = 0;
  // The first one is never answered.
  await using slow = await TestServer.start((_, response) => {
    asked++;
    const result = [{ metric: {}, value: [1, '0'] }];
    if (asked > 1) response.end(JSON.stringify({ status: 'success', data: { resultType: 'vector', result } }));
  });
  await using other = await OperatorCluster.start({ kwokNodes: 3 });
  const flags = ['--prometheus-url', slow.url];
  const first = await other.spawnOperator({ flags });
  const query = { name: 'errors', prometheus: { query: 'up', max: 1 }, timeoutSeconds: 300 };
  const suite = { name: 'suite', job: { image: 'registry.example.com/tests:1' } };
  const app = await App.start(other, 'shop', { prePromotion: [query, suite] });
  await app.image('2.0.0');
  await eventually(() => asked === 1);
  await app.until('the Job is over', ({ checks: found }) => found?.checks[1]?.result === 'Passed');
  await first.end('SIGKILL');
  const mark = await other.cluster.auditMark();
  await other.spawnOperator({ flags });
  const status = await app.untilActive('green');
  expect(status.checks?.checks).toMatchObject([
    { attempts: 1, failures: 0 },
    { attempts: 1, failures: 0 },
  ]);
  expect(asked).toBe(2);
  // The Job that had ended was not made again.
  expect((await other.operatorWrites(mark)).filter((write) => write.startsWith('patch jobs'))).toEqual([]);
});

test('an operator without a Prometheus URL says so, and the release waits for a person', async () => {
  await using other = await OperatorCluster.start({ kwokNodes: 3 });
  await other.startOperator();
  const app = await App.start(other, 'shop', {
    prePromotion: [{ name: 'errors', prometheus: { query: 'up', min: 1 }, allowedFailures: 100 }],
  });
  await app.image('2.0.0');
  const { rejections, checks, release } = await app.until('unknown', ({ checks }) => checks?.result === 'Unknown');
  expect(checks?.checks[0]?.message).toContain('start the operator with --prometheus-url');
  expect(rejections).toBeUndefined();
  expect(release?.phase).toBe('WaitingForPromotion');
  await app.annotate('skip-checks', release?.revision);
  await app.untilActive('green');
});

test('what lets the operator in: only where a check has it ask, and only from its own namespace', async () => {
  const app = await App.start(world, 'policy', { prePromotion: [{ name: 'a', http: { component: 'model' } }] });
  type Policy = { spec: { ingress: { from?: object[] }[] } };
  const from = async (component: string) =>
    (await world.get<Policy>('networkpolicy', `policy-${component}`))?.spec.ingress[0]?.from;
  const own = { podSelector: { matchLabels: { 'restapi.dev/name': 'policy' } } };
  const operator = {
    namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': 'restapi-system' } },
    podSelector: { matchLabels: { 'app.kubernetes.io/name': 'restapi-operator' } },
  };
  expect(await from('model')).toEqual([own, operator]);
  expect(await from('controller')).toEqual([own]);
  expect(await from('view')).toBeUndefined();
  await app.patch({ blueGreen: { prePromotion: null } });
  await eventually(async () => (await from('model'))?.length === 1);
  expect(await from('model')).toEqual([own]);
  await end('policy');
});
