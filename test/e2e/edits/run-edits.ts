import { setTimeout as sleep } from 'node:timers/promises';
import { ApiClient, customResourceOf, isInvalid, type StoredObject } from '../../../operator/index.ts';
import { mergePatch } from '../../../operator/reconcile/merge-patch.ts';
import { RestAPI } from '../../../resources/index.ts';
import { eventually } from '../../support/eventually.ts';
import type { FrontObserver } from '../../support/front-observer.ts';
import { type OperatorCluster, sample } from '../../support/operator-cluster.ts';
import { volume } from '../../support/volume.ts';
import { differencesOf, generatedState } from './generated-state.ts';
import { Random } from './random.ts';
import { CONFIG_MAP, FIRST, randomEdit, type Spec, STORAGE_CLASS } from './random-edits.ts';

const EDITS = 20;
/** Longest pause between two edits, milliseconds: some meet an application that has not settled. */
const PAUSE_MS = 1_000;
const SETTLE_MS = 180_000;
const TYPE = customResourceOf(RestAPI);

/** The ConfigMap that components may name. */
const configMap = (namespace: string) => ({
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: { name: CONFIG_MAP, namespace },
  data: { b: 'c' },
});

/** What a sequence of edits left behind. */
export interface Sequence {
  seed: number;
  /** The edits, for a report. */
  edits: string[];
  /** Differences from a fresh RestAPI of the same spec. */
  differences: string[];
  /** Moments without a ready endpoint at the front. */
  outages: string[];
}

/**
 * Edits a RestAPI 20 times at random, with server-side apply or merge patches, and compares what is generated for it with
 * what is generated for a fresh one of the same spec. Runs in namespaces of its own.
 */
export async function runEdits(world: OperatorCluster, observer: FrontObserver, seed: number): Promise<Sequence> {
  const random = new Random(seed);
  const client = new ApiClient({ kubeConfig: world.cluster.kubeConfig, userAgent: 'author' });
  const [live, fresh] = [`edits-${seed}`, `fresh-${seed}`];
  const merges = random.next() < 0.5;
  const edits: string[] = [merges ? 'by merge patches' : 'by server-side apply'];
  let spec = FIRST;
  try {
    for (const namespace of [live, fresh]) {
      await world.kubectl('create', 'namespace', namespace);
      const [, persistentVolume = {}] = volume(STORAGE_CLASS);
      await world.apply({ ...persistentVolume, metadata: { name: namespace } }, configMap(namespace));
    }
    await apply(live, spec);
    await settled(live);
    for (let number = 0; number < EDITS; number++) {
      const { spec: next, what } = randomEdit(spec, random);
      const accepted = await edit(next);
      edits.push(accepted ? what : `${what} (refused)`);
      if (accepted) spec = next;
      await sleep(random.next() * PAUSE_MS);
    }
    await settled(live);
    await apply(fresh, spec);
    await settled(fresh);
    const differences = await compared();
    await observer.settle();
    const outages = observer.outages.flatMap(({ front, resourceVersion }) =>
      front === `${live}/shop` ? [`at resource version ${resourceVersion}`] : [],
    );
    if (!observer.hasServed(live, 'shop')) outages.push('it never served');
    return { seed, edits, differences, outages };
  } catch (error) {
    throw new Error(`seed ${seed}: ${error}\n${edits.join('\n')}\n${JSON.stringify(spec)}`, { cause: error });
  } finally {
    for (const namespace of [live, fresh]) {
      await world.kubectl('delete', 'restapi', '--all', '-n', namespace, '--timeout=60s').catch(() => undefined);
      await world.kubectl('delete', 'namespace', namespace, '--wait=false').catch(() => undefined);
    }
    await client.close();
  }

  async function apply(namespace: string, written: Spec): Promise<void> {
    await client.apply(TYPE, restApi(namespace, written), { fieldManager: 'author', force: true });
  }

  /** @returns whether the API server accepted it */
  async function edit(next: Spec): Promise<boolean> {
    try {
      if (merges) await client.mergePatch(TYPE, live, 'shop', { spec: mergePatch(spec, next) ?? {} });
      else await apply(live, next);
      return true;
    } catch (error) {
      if (isInvalid(error)) return false;
      throw error;
    }
  }

  /** Waits until everything that is generated is ready and no release goes on. */
  async function settled(namespace: string): Promise<void> {
    const check = ({ phase, release, environments = [] }: NonNullable<RestAPI['status']>) =>
      phase === 'Ready' && !release && environments.every(({ stopping }) => !stopping);
    await world.untilStatus('shop', `it has settled (seed ${seed})`, check, { namespace, timeoutMs: SETTLE_MS });
  }

  /** The last writes may come after the RestAPI is ready: the comparison is repeated until nothing differs, or for 45 s. */
  async function compared(): Promise<string[]> {
    let differences: string[] = [];
    await eventually(
      async () => {
        const [one, other] = await Promise.all([live, fresh].map((namespace) => state(namespace)));
        differences = differencesOf(one, other);
        return differences.length === 0;
      },
      { timeoutMs: 45_000, everyMs: 1_000, what: 'no differences' },
    ).catch(() => undefined);
    return differences;
  }

  async function state(namespace: string) {
    return generatedState(world, (await world.restapi('shop', namespace)) as StoredObject<RestAPI>);
  }
}

/** Without what sample() adds. */
function restApi(namespace: string, spec: Spec): object {
  return { ...sample('shop', {}, namespace), spec };
}
