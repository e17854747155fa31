import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { StoredObject } from '../../operator/index.ts';
import type { ConfigMap, Deployment, HorizontalPodAutoscaler, RestAPI } from '../../resources/index.ts';
import { BUCKET_MINUTES, LoadHistory } from '../../src/scaling/predictive/index.ts';
import type { ResizablePod } from '../../src/scaling/vertical/index.ts';
import { eventually, sample, World } from '../operator/world.ts';

const PATIENCE = { timeoutMs: 60_000 };
const OFF = { enabled: false };
const NAMES = ['model', 'view', 'controller', 'repository'] as const;
/** What its pods use is looked at often, so that a test need not wait. */
const OFTEN = { scaling: { lookEveryMs: 1_000 } };

let world: World;
beforeAll(async () => {
  world = await World.start({ metrics: true, kwokNodes: 2 });
});
afterAll(() => world?.[Symbol.asyncDispose]());

const api = async (name: string) => (await world.restapi(name)) as StoredObject<RestAPI>;
const component = async (name: string, of = 'model') =>
  (await api(name)).status?.components?.find((one) => one.name === of);
const condition = async (name: string, type: string) =>
  (await api(name)).status?.conditions?.find((one) => one.type === type);
const labelsOf = (name: string, of: string) => ({ 'restapi.dev/name': name, 'restapi.dev/component': of });
const podsOf = async (name: string, of: string) =>
  (
    await world.list<StoredObject<ResizablePod>>('pods', '-l', `restapi.dev/name=${name},restapi.dev/component=${of}`)
  ).filter(({ metadata }) => !metadata.deletionTimestamp);
const memoryOf = async (name: string, of: string) =>
  (await podsOf(name, of)).map(({ spec }) => spec.containers[0]?.resources?.requests?.memory);
const use = (name: string, of: string, usage: { cpu?: string; memory?: string }) =>
  world.cluster.setUsage({ labels: labelsOf(name, of) }, usage);
const quiet = async () => {
  const mark = await world.cluster.auditMark();
  await sleep(5_000);
  expect(await world.operatorWrites(mark)).toEqual([]);
};
const scaledBy = (models: object) => Object.fromEntries(NAMES.map((name) => [name, { ...OFF, ...models }]));
