import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { writeOverlayWith } from '../../e2e/deploy/overlays.ts';
import { eventually } from '../../support/eventually.ts';
import { OperatorCluster } from '../../support/operator-cluster.ts';
import { Plugin } from '../cli/plugin.ts';
import { App, blueGreen, NEVER_READY } from './support.ts';

const SETTINGS = { scaleDownDelaySeconds: 600 };
/** Only for what never becomes ready: a good version may need longer. */
const hurry = (progressDeadlineSeconds: number) => ({ blueGreen: { progressDeadlineSeconds } });

let plugin: Plugin;
let world: OperatorCluster;
let app: App;
beforeAll(async () => {
  plugin = await Plugin.install();
  const folder = await writeOverlayWith('release-author', join(plugin.dir, 'overlay'));
  world = await OperatorCluster.start({ kustomization: folder });
  for (const user of ['alice', 'bob']) {
    await world.kubectl('create', 'clusterrolebinding', user, '--clusterrole=cluster-admin', `--user=${user}`);
  }
  await world.startOperator({ releaseAuthor: true });
  // It takes the API server a few seconds to learn for its policies what a new kind looks like.
  await eventually(() => world.apply(blueGreen('shop', SETTINGS)));
  app = await App.start(world, 'shop', SETTINGS);
  // A policy works from a moment after it was made.
  await eventually(async () => {
    await as('alice', { metadata: { annotations: { 'restapi.dev/retry': String(Date.now()) } } });
    return (await changedBy()) === 'alice';
  });
});
afterAll(async () => {
  await world?.[Symbol.asyncDispose]();
  await plugin?.[Symbol.asyncDispose]();
});

const as = (user: string, change: object) =>
  world.kubectl('patch', 'restapi', 'shop', `--as=${user}`, '--type=merge', '-p', JSON.stringify(change));
const changedBy = async () => (await app.get()).metadata.annotations?.['restapi.dev/changed-by'];
const history = async () => (await app.status()).history?.map(({ result, by }) => [result, by]);

test('no user can write another author, and changes apart from the spec have none', async () => {
  await as('bob', { metadata: { annotations: { 'restapi.dev/changed-by': 'alice', look: 'here' } } });
  expect(await changedBy()).toBe('alice');
  await as('bob', { metadata: { annotations: { 'restapi.dev/changed-by': 'carol' } } });
  expect(await changedBy()).toBe('bob');
  await as('alice', { metadata: { annotations: { 'restapi.dev/changed-by': null } } });
  expect(await changedBy()).toBe('alice');
});

test('the history names who requested a release, who rejected it, and what the operator did by itself', async () => {
  await as('alice', { spec: { image: 'registry.example.com/shop:2.0.0' } });
  await app.untilActive('green');
  await eventually(async () => (await history())?.[0]?.join() === 'Promoted,alice');
  const second = await app.activeRevision();
  await as('bob', { metadata: { annotations: { 'restapi.dev/reject': second } } });
  await app.untilActive('blue');
  await eventually(async () => (await history())?.[0]?.join() === 'RolledBack,bob');
  const stuck = { image: 'registry.example.com/shop:3.0.0', model: { podAnnotations: NEVER_READY }, ...hurry(3) };
  await as('alice', { spec: stuck });
  await eventually(async () => (await history())?.[0]?.join() === 'Aborted,restapi-operator');
  await as('bob', { spec: { image: 'registry.example.com/shop:4.0.0', ...hurry(600) } });
  const { release } = await app.until('the release has begun', (status) => status.release !== undefined);
  expect(release?.by).toBe('bob');
  await as('alice', { spec: { image: 'registry.example.com/shop:5.0.0' } });
  await eventually(async () => (await history())?.[0]?.join() === 'Cancelled,alice');
  const user = await plugin.as(world.cluster.kubeConfig, 'admin');
  const { stdout } = await user.restapi(['history', 'shop']);
  expect(stdout).toMatch(/WHEN +WHO +RESULT/);
  expect(stdout).toMatch(/ago +alice +Promoted/);
});
