import type { StoredObject } from '../../../operator/index.ts';
import { logTail } from '../../../operator/testkit/component-error.ts';
import type { ComponentName } from '../../../resources/api/component-name.ts';
import { eventually } from '../../support/eventually.ts';
import type { RealCluster } from '../../support/real-cluster.ts';
import { BLUE_GREEN, image } from '../node/faulty-cases.ts';
import { CALLED_IN_ORDER, plainShop } from '../node/plain-shop.ts';
import { createShop } from '../node/shops.ts';
import { argoRolloutsLog } from './argo-rollouts.ts';
import { argoRollouts, argoServices, MIN_READY_SECONDS, previewName } from './argo-shop.ts';

/** A way to release the shop. */
export interface Contender {
  title: string;
  /** Begins the names of its shops. */
  prefix: string;
  /** Creates a shop and waits until it is ready. @returns the name of the Service in front of it */
  create(name: string, version: string): Promise<string>;
  /** Requests another version. Does not wait. */
  release(name: string, version: string): Promise<void>;
  /** Whether it has tried this version, for the outcome of which there is then something to compare. */
  tried(name: string, version: string): Promise<boolean>;
  /** Deletes a shop and waits until its pods are gone. */
  remove(name: string): Promise<void>;
}

/** The operator of this repository. */
export function restApi(real: RealCluster): Contender {
  return {
    title: 'RestAPI',
    prefix: 'ours',
    create: async (name, version) => {
      await createShop(real, name, version, { minReadySeconds: MIN_READY_SECONDS, blueGreen: BLUE_GREEN });
      return name;
    },
    release: (name, version) => real.release(version, name),
    tried: async (name, version) => {
      const { environments = [], history = [] } = (await real.world.restapi(name))?.status ?? {};
      return [...environments, ...history.slice(0, 1)].some((one) => one.image === image(version));
    },
    remove: async (name) => {
      await real.world.kubectl('delete', 'restapi', name);
      await podsGone(real, `restapi.dev/name=${name}`);
    },
  };
}

/** Deployments with rolling updates. */
export function rollingUpdate(real: RealCluster): Contender {
  return {
    title: 'rolling update',
    prefix: 'plain',
    create: async (name, version) => {
      await real.world.apply(...plainShop(name, image(version)));
      const ready = ['--for=condition=Available', '--timeout=120s'];
      await real.world.kubectl('wait', ...ready, 'deployment', '-l', `app=${name}`);
      return `${name}-view`;
    },
    release: async (name, version) => void (await real.world.apply(...plainShop(name, image(version)))),
    tried: (name, version) => hasReplicaSets(real, name, version),
    remove: async (name) => {
      await real.world.kubectl('delete', 'deployment,service', '-l', `app=${name}`);
      await podsGone(real, `app=${name}`);
    },
  };
}

/** Four blue-green Rollouts. */
export function argo(real: RealCluster): Contender {
  const apply = async (name: string, version: string) => {
    const addresses = CALLED_IN_ORDER.map(
      async (one): Promise<[ComponentName, string]> => [one, await real.address(previewName(name, one))],
    );
    const previews = new Map(await Promise.all(addresses));
    await real.world.apply(...argoRollouts(name, image(version), previews));
  };
  return {
    title: 'Argo Rollouts',
    prefix: 'argo',
    create: async (name, version) => {
      await real.world.apply(...argoServices(name));
      await apply(name, version);
      const healthy = ['--for=jsonpath={.status.phase}=Healthy', '--timeout=120s'];
      try {
        await real.world.kubectl('wait', ...healthy, 'rollout', '-l', `app=${name}`);
      } catch (error) {
        const log = await logTail(argoRolloutsLog(real.cluster));
        throw new Error(`Argo Rollouts: ${name} is not healthy. The end of its log:\n${log}`, { cause: error });
      }
      return `${name}-view`;
    },
    release: apply,
    tried: (name, version) => hasReplicaSets(real, name, version),
    remove: async (name) => {
      await real.world.kubectl('delete', 'rollout,service', '-l', `app=${name}`);
      await podsGone(real, `app=${name}`);
    },
  };
}

interface ReplicaSet {
  spec: { template: { spec: { containers: { image: string }[] } } };
}

/** Whether there is a ReplicaSet of this version for each component. */
async function hasReplicaSets(real: RealCluster, name: string, version: string): Promise<boolean> {
  const sets = await real.world.list<StoredObject & ReplicaSet>('replicasets', '-l', `app=${name}`);
  const wanted = sets.filter(({ spec }) => spec.template.spec.containers[0]?.image === image(version));
  return wanted.length === CALLED_IN_ORDER.length;
}

/** Containers that hang are killed when their grace period ends. */
async function podsGone(real: RealCluster, selector: string): Promise<void> {
  await eventually(async () => (await real.world.list('pods', '-l', selector)).length === 0, {
    timeoutMs: 90_000,
    what: `no pod has ${selector}`,
  });
}
