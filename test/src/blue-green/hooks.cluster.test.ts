import { afterAll, beforeAll, expect, test } from 'vitest';
import type { StoredObject } from '../../../operator/index.ts';
import { eventually } from '../../support/eventually.ts';
import { OperatorCluster } from '../../support/operator-cluster.ts';
import { FAILING, JOB_STAGES } from './job-stages.ts';
import { SafetyObserver } from './observer.ts';
import { App } from './support.ts';

type Job = StoredObject & { status: { completionTime?: string } };

const hooks = { migrate: { args: ['migrate'] }, afterPromotion: { component: 'controller', args: ['warm'] } };

let world: OperatorCluster;
beforeAll(async () => {
  world = await OperatorCluster.start({ kwokNodes: 3, kwokConfig: JOB_STAGES });
  await world.kubectl('label', 'namespace', 'default', 'pod-security.kubernetes.io/enforce=restricted');
  await world.startOperator();
});
afterAll(() => world?.[Symbol.asyncDispose]());

const jobsOf = (hook: string) => world.list<Job>('jobs', '-l', `restapi.dev/name=shop,restapi.dev/hook=${hook}`);
const podsOf = (environment: string) =>
  world.list<StoredObject>('pods', '-l', `restapi.dev/name=shop,restapi.dev/environment=${environment}`);

let app: App;

test('the first pods start when the migration has succeeded', async () => {
  app = await App.start(world, 'shop', { hooks });
  const [job] = await jobsOf('migrate');
  const migratedAt = Date.parse(job?.status.completionTime ?? '');
  const pods = await podsOf('blue');
  expect(pods).toHaveLength(8);
  for (const { metadata } of pods) {
    expect(Date.parse(String(metadata.creationTimestamp))).toBeGreaterThanOrEqual(migratedAt);
  }
  const { hooks: ran = [], migrated } = await app.status();
  expect(ran).toMatchObject([{ name: 'migrate', result: 'Passed' }]);
  expect(migrated).toHaveLength(1);
});

test('a release migrates before its pods start, and runs its hook after the switch; then nothing is written', async () => {
  await using observer = await SafetyObserver.start(world, { namespace: 'default', name: 'shop', least: 2 });
  await app.image('2.0.0');
  await app.untilActive('green');
  const { hooks: ran = [] } = await app.until('the hook ran', ({ hooks: now }) =>
    Boolean(now?.some(({ name, result }) => name === 'afterPromotion' && result === 'Passed')),
  );
  expect(ran.map(({ name, result }) => `${name} ${result}`)).toEqual(['migrate Passed', 'afterPromotion Passed']);
  const jobs = await jobsOf('migrate');
  expect(jobs).toHaveLength(1);
  const migratedAt = Date.parse(jobs[0]?.status.completionTime ?? '');
  for (const { metadata } of await podsOf('green')) {
    expect(Date.parse(String(metadata.creationTimestamp))).toBeGreaterThanOrEqual(migratedAt);
  }
  await observer.settle();
  expect(observer.violations).toEqual([]);
  await app.untilReplicas('blue', 0);
  await world.untilReady('shop');
  await world.untilQuiet();
});

test('a migration that fails rejects its version, says what it printed, and keeps its Job', async () => {
  await app.patch({ image: 'registry.example.com/shop:3.0.0', model: { image: FAILING } });
  const { rejections = [] } = await app.until('rejected', (status) => (status.rejections?.length ?? 0) > 0);
  expect(rejections[0]).toMatchObject({ reason: 'MigrationFailed' });
  expect(rejections[0]?.message).toContain('it ended with: ALTER TABLE no such column');
  expect((await app.status()).activeEnvironment).toBe('green');
  expect(await podsOf('blue')).toEqual([]);
  expect(await jobsOf('migrate')).toHaveLength(1);
  const event = await eventually(async () => {
    const events = await world.list<{ reason: string; note: string }>('events.events.k8s.io');
    return events.find(({ reason }) => reason === 'HookFailed');
  });
  expect(event.note).toContain('no such column');
  await world.kubectl('delete', 'restapi', 'shop', '--timeout=60s');
  await eventually(async () => (await world.list('jobs')).length === 0, { what: 'no Jobs are left' });
});
