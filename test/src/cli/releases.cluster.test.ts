import { afterAll, beforeAll, expect, test } from 'vitest';
import { OperatorCluster } from '../../support/operator-cluster.ts';
import { App, NEVER_READY } from '../blue-green/support.ts';
import { Plugin, type Ran, type User } from './plugin.ts';

/** Each call starts two processes. */
const TIMEOUT_MS = 600_000;

let world: OperatorCluster;
let plugin: Plugin;
let admin: User;

beforeAll(async () => {
  world = await OperatorCluster.start({ kwokNodes: 3 });
  await world.startOperator();
  plugin = await Plugin.install();
  admin = await plugin.as(world.cluster.kubeConfig, 'admin');
}, TIMEOUT_MS);
afterAll(async () => {
  await plugin?.[Symbol.asyncDispose]();
  await world?.[Symbol.asyncDispose]();
});

const run = (...args: string[]) => admin.restapi(args);

async function done(...args: string[]): Promise<Ran> {
  const ran = await run(...args, ...(args.includes('--wait') ? ['--timeout=120s'] : []));
  expect(ran, `${args.join(' ')}: ${ran.stderr}`).toMatchObject({ exitCode: 0, stderr: '' });
  return ran;
}

async function refused(words: RegExp, ...args: string[]): Promise<void> {
  const { exitCode, stderr } = await run(...args);
  expect(stderr).toMatch(words);
  expect(exitCode).toBe(2);
}

/** Waits for a release that waits for promotion. @returns its revision */
async function waits(app: App): Promise<string> {
  const { release } = await app.until(
    'waiting for promotion',
    ({ release: it }) => it?.phase === 'WaitingForPromotion',
  );
  return String(release?.revision);
}

const MANUAL = { autoPromotion: { enabled: false }, scaleDownDelaySeconds: 120 };

test(
  'promote, rollback, retry and abort in turn: earlier requests do not interfere',
  async () => {
    const app = await App.start(world, 'shop', MANUAL);
    const one = await app.activeRevision();
    await refused(
      /RestAPI default\/shop has no release in progress: nothing to promote\. Revision \w+ is active/,
      'promote',
      'shop',
    );
    await refused(/nothing to abort/, 'abort', 'shop');
    await refused(/nothing to roll back to/, 'rollback', 'shop');
    await refused(/nothing to retry/, 'retry', 'shop');

    await app.image('2.0.0');
    const two = await waits(app);
    const tree = await done('status', 'shop');
    expect(tree.stdout).toMatch(new RegExp(`▶ blue +active +${one} +8/8 ready`));
    expect(tree.stdout).toMatch(new RegExp(`green +preview +${two} +8/8 ready.*\\n +WaitingForPromotion for`));
    await refused(/not nope/, 'promote', 'shop', 'nope');
    const { metadata } = await app.get();
    expect((await done('promote', 'shop', '--dry-run')).stdout).toContain('dry run: nothing is written');
    expect((await app.get()).metadata.annotations).toEqual(metadata.annotations);
    expect((await done('promote', 'shop', '--wait')).stdout).toContain(
      `revision ${two} is active in environment green`,
    );
    expect(await app.selected('shop')).toBe('green');

    await done('rollback', 'shop', '--wait');
    expect(await app.selected('shop')).toBe('blue');
    await refused(/already aborted or rolled back/, 'rollback', 'shop');
    // The earlier promotion does not promote the retry.
    const late = await run('retry', 'shop', '--wait', '--timeout=2s');
    expect(late).toMatchObject({ exitCode: 1, stderr: expect.stringContaining('timed out after 2s') });
    expect(await waits(app)).toBe(two);
    await done('promote', 'shop', '--wait');
    expect(await app.activeRevision()).toBe(two);

    await app.image('3.0.0');
    const three = await waits(app);
    await done('abort', 'shop', '--wait');
    await refused(/was aborted; to release it again, run kubectl restapi retry shop/, 'promote', 'shop');
    await done('retry', 'shop');
    expect(await waits(app)).toBe(three);
    await done('promote', 'shop', three, '--wait');

    await done('rollback', 'shop', one, '--wait');
    expect(await app.activeRevision()).toBe(one);
    await refused(/already active/, 'rollback', 'shop', one);
    await done('retry', 'shop');
    expect(await waits(app)).toBe(three);
    await done('promote', 'shop', '--wait');

    const { stdout } = await done('history', 'shop', '-o', 'json');
    const history = JSON.parse(stdout);
    expect(history.revisions.map(({ name }: { name: string }) => name)).toEqual([three, two, one]);
    expect(history.revisions[0]).toMatchObject({ image: 'registry.example.com/shop:3.0.0', number: 3 });
    const results = history.releases.map(({ result }: { result: string }) => result);
    expect(results).toEqual(expect.arrayContaining(['Promoted', 'RolledBack', 'Aborted']));
    expect((await done('history', 'shop')).stdout).toMatch(new RegExp(`^3 +${three} .*active in`, 'm'));
    const completed = await admin.kubectl(['__complete', 'restapi', 'rollback', 'shop', '']);
    expect(completed.stdout.split('\n').slice(0, 3).sort()).toEqual([one, two, three].sort());
  },
  TIMEOUT_MS,
);

test(
  'a rollback by name works again after a newer spec',
  async () => {
    const app = await App.start(world, 'again', { scaleDownDelaySeconds: 120 });
    const one = await app.activeRevision();
    const promoted = async (tag: string) => {
      await app.image(tag);
      await app.until(`${tag} is active`, ({ release, environments }) =>
        Boolean(!release && environments?.some(({ role, image }) => role === 'active' && image.endsWith(tag))),
      );
    };
    await promoted('2.0.0');
    await promoted('3.0.0');
    await done('rollback', 'again', one, '--wait');
    await promoted('4.0.0');
    await promoted('5.0.0');
    expect((await app.get()).metadata.annotations?.['restapi.dev/rollback-to']).toBeUndefined();
    await done('rollback', 'again', one, '--wait');
    expect(await app.activeRevision()).toBe(one);
  },
  TIMEOUT_MS,
);

test(
  'retries an aborted release any number of times',
  async () => {
    const app = await App.start(world, 'stuck', { progressDeadlineSeconds: 2 });
    await app.patch({ image: 'registry.example.com/shop:bad', model: { podAnnotations: NEVER_READY } });
    const first = await app.until('aborted', ({ release, rejections }) => !release && rejections !== undefined);
    let at = first.rejections?.[0]?.at;
    for (let times = 0; times < 3; times += 1) {
      const ran = await run('retry', 'stuck', '--wait');
      expect(ran).toMatchObject({ exitCode: 1, stderr: expect.stringContaining('the release did not succeed') });
      const [rejection] = (await app.status()).rejections ?? [];
      expect(rejection?.at).not.toBe(at);
      at = rejection?.at;
    }
  },
  TIMEOUT_MS,
);

test(
  'pause and resume a release; every verb refuses without blue-green',
  async () => {
    const app = await App.start(world, 'held');
    await done('pause', 'held');
    expect((await done('pause', 'held')).stdout).toContain('already requested, nothing changed');
    await app.image('2.0.0');
    await app.until('paused', ({ release }) => release?.phase === 'Paused');
    await refused(/kubectl restapi resume held/, 'promote', 'held');
    await done('resume', 'held');
    await app.untilActive('green');

    await app.patch({ blueGreen: { enabled: false } });
    for (const verb of ['promote', 'abort', 'rollback', 'retry', 'pause', 'resume']) {
      await refused(/spec\.blueGreen\.enabled is false/, verb, 'held');
    }
  },
  TIMEOUT_MS,
);
