import { readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { parse } from 'yaml';
import type { StoredObject } from '../../operator/index.ts';
import { createClusterFolder, defaultParentFolder } from '../../operator/testkit/cluster-folder.ts';
import type { Image } from '../../operator/testkit/image.ts';
import type { ControlPlane, ControlPlaneOptions } from '../../operator/testkit/index.ts';
import type { ReleaseResult, RestAPI, RestAPIStatus } from '../../resources/index.ts';
import { reportedActive } from '../../src/blue-green/release-status.ts';
import { nodeVolume } from '../../src/local/real/node-volume.ts';
import {
  apiServerPortPatch,
  deployOperator,
  operatorLog,
  operatorRolledOut,
  writeOperatorOverlay,
} from '../../src/local/real/operator-deployment.ts';
import { serviceAddress } from '../../src/local/real/service-address.ts';
import { packageRoot } from '../../src/package/package-root.ts';
import { type OperatorImageOptions, operatorImage } from '../../src/tools/image/operator-image.ts';
import { shopImages } from '../../src/tools/image/shop-images.ts';
import { SHOP_IMAGE, SHOP_VERSIONS, type ShopVersion } from '../../src/tools/image/shop-versions.ts';
import { OperatorCluster } from './operator-cluster.ts';

/** Pods start, and pass their probes, in their own time. */
const READY_MS = 120_000;

export interface RealClusterOptions extends ControlPlaneOptions {
  /** The operator's image. */
  operator?: OperatorImageOptions;
  /** Versions of the shop to have images of. Default: those of `npm start -- --real`. */
  versions?: readonly ShopVersion[];
}

/**
 * A cluster with real nodes on which the operator runs as a pod of its own image, installed from kustomize/overlays/dev, and
 * which has the images of the shop and a volume for its repository.
 *
 * @example
 * ```ts
 * await using real = await RealCluster.start();
 * await real.startShop();
 * await using page = await real.cluster.forward(await real.address('shop'));
 * await real.release('2.0.0');
 * ```
 */
export class RealCluster implements AsyncDisposable {
  /** Helpers to read, write and wait for objects. */
  readonly world: OperatorCluster;
  readonly #folder: string;
  #images = 0;
  #overlays = 0;

  private constructor(world: OperatorCluster, folder: string) {
    this.world = world;
    this.#folder = folder;
  }

  static async start({
    operator,
    versions = SHOP_VERSIONS,
    ...options
  }: RealClusterOptions = {}): Promise<RealCluster> {
    // If this process is killed, the next cluster removes it.
    const folder = await createClusterFolder(defaultParentFolder());
    let world: OperatorCluster | undefined;
    try {
      const [operatorTar, shopTar] = [join(folder, 'operator.tar'), join(folder, 'shop.tar')];
      const { name } = await operatorImage(operatorTar, operator);
      await shopImages(shopTar, versions);
      world = await OperatorCluster.start({
        realNodes: 1,
        ...options,
        images: [operatorTar, shopTar, ...(options.images ?? [])],
        kustomization: await writeOperatorOverlay(join(folder, 'overlay'), name),
      });
      if (options.networkPolicies) await allowApiServerPort(world);
      await world.apply(...(await nodeVolume(world.cluster)));
      await operatorRolledOut(world.cluster);
      return new RealCluster(world, folder);
    } catch (error) {
      await world?.[Symbol.asyncDispose]();
      await rm(folder, { recursive: true, force: true });
      throw error;
    }
  }

  get cluster(): ControlPlane {
    return this.world.cluster;
  }

  /**
   * Applies examples/shop/restapi.yaml and waits until it is ready.
   * @param spec replaces fields of its spec
   */
  async startShop(spec: object = {}): Promise<void> {
    const shop = parse(await readFile(join(packageRoot(), 'examples', 'shop', 'restapi.yaml'), 'utf8'));
    await this.world.apply({ ...shop, spec: { ...shop.spec, ...spec } });
    await this.untilReady();
  }

  /** Waits until the shop is ready in its current spec, releases included. @throws after two minutes, with its status */
  async untilReady(timeoutMs = READY_MS): Promise<void> {
    await this.world.untilReady('shop', { timeoutMs });
  }

  /** Waits for a status of the shop that is about its current spec. @throws after two minutes, with the status */
  untilStatus(what: string, check: (status: RestAPIStatus) => boolean, timeoutMs = READY_MS): Promise<RestAPIStatus> {
    return this.world.untilStatus('shop', what, check, { timeoutMs });
  }

  /** Waits until a version gets all traffic and no release is in progress. @throws after two minutes, with the status */
  untilActive(version: string, timeoutMs = READY_MS): Promise<RestAPIStatus> {
    const image = `${SHOP_IMAGE}:${version}`;
    return this.untilStatus(
      `version ${version} is active`,
      (status) => status.release === undefined && reportedActive(status)?.image === image,
      timeoutMs,
    );
  }

  /**
   * Waits until the latest release is one of this version and has ended so, and no other is in progress.
   * @throws after two minutes, with the status
   */
  untilEnded(version: string, result: ReleaseResult, timeoutMs = READY_MS): Promise<RestAPIStatus> {
    const image = `${SHOP_IMAGE}:${version}`;
    return this.untilStatus(
      `the release of version ${version} is ${result}`,
      ({ release, history: [latest] = [] }) =>
        release === undefined && latest?.image === image && latest.result === result,
      timeoutMs,
    );
  }

  /** Requests another version of a shop. Does not wait. */
  async release(version: string, name = 'shop'): Promise<void> {
    await this.patchShop({ image: `${SHOP_IMAGE}:${version}` }, name);
  }

  /** Patches the spec of a shop. */
  async patchShop(spec: object, name = 'shop'): Promise<void> {
    await this.world.kubectl('patch', 'restapi', name, '--type=merge', '-p', JSON.stringify({ spec }));
  }

  /** `IP:PORT` of a Service in the network of the nodes, by default of the shop's front Service. */
  address(service = 'shop', namespace = 'default'): Promise<string> {
    return serviceAddress(this.cluster, service, namespace);
  }

  /** The last lines of the operator's log. */
  operatorLog(lines?: number): Promise<string> {
    return operatorLog(this.cluster, lines);
  }

  /** The pods of the operator. */
  operatorPods(): Promise<StoredObject[]> {
    return this.world.list('pods', '-n', 'restapi-system', '-l', 'app.kubernetes.io/name=restapi-operator');
  }

  /** The shop as the API server has it. @throws if there is none */
  async shop(): Promise<StoredObject<RestAPI>> {
    const shop = await this.world.restapi('shop');
    if (!shop) throw new Error('the RestAPI shop does not exist: call startShop() first');
    return shop;
  }

  /** Builds another image of the operator, imports it on every node and rolls it out. @returns the image */
  async upgradeOperator(operator: OperatorImageOptions): Promise<Image> {
    const tar = join(this.#folder, `operator-${++this.#images}.tar`);
    const image = await operatorImage(tar, operator);
    for (const node of this.cluster.realNodes) await node.importImage(tar);
    await deployOperator(this.cluster, join(this.#folder, `overlay-${++this.#overlays}`), image.name);
    return image;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.world[Symbol.asyncDispose]();
    await rm(this.#folder, { recursive: true, force: true });
  }
}

/** Patches the operator's policy for an API server that listens on an unusual port, as docs/how-to/install.md says. */
async function allowApiServerPort(world: OperatorCluster): Promise<void> {
  const policy = ['networkpolicy', 'restapi-operator', '-n', 'restapi-system'];
  await world.kubectl('patch', ...policy, '--type=json', '-p', apiServerPortPatch(world.cluster));
}
