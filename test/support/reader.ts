import { ApiClient, isNotFound, type KubernetesObject, type ResourceType, resourcePath } from '../../operator/index.ts';
import type { ControlPlane } from '../../operator/testkit/index.ts';

/** https://kubernetes.io/docs/concepts/overview/kubernetes-api/#aggregated-discovery */
const ALL_KINDS = 'application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList';

/** A kind the cluster serves, with all its names. */
interface ServedKind {
  type: ResourceType;
  names: Set<string>;
}

interface Discovery {
  items: {
    metadata: { name?: string };
    versions: { version: string; resources?: DiscoveredResource[] }[];
  }[];
}

interface DiscoveredResource {
  resource: string;
  scope: string;
  singularResource?: string;
  shortNames?: string[];
  responseKind: { kind: string };
}

/** Where to look, and which objects count. */
interface Selection {
  namespace: string | undefined;
  query: Record<string, string>;
}

/**
 * Reads objects as an administrator, with the arguments of `kubectl get`. Tests poll often, and a kubectl process for each poll
 * would cost more than the operator.
 */
export class Reader {
  readonly #client: ApiClient;
  #served: ServedKind[] = [];

  constructor(cluster: ControlPlane) {
    this.#client = new ApiClient({ kubeConfig: cluster.kubeConfig, userAgent: 'test' });
  }

  /** @returns undefined if there is no such object. @throws if the kind is not served */
  async get<T>(kind: string, name: string, namespace: string): Promise<T | undefined> {
    const type = await this.#type(kind);
    try {
      return await this.#client.request<T>({ method: 'GET', path: resourcePath(type, namespace, name) });
    } catch (error) {
      if (isNotFound(error)) return undefined;
      throw error;
    }
  }

  /**
   * @param kinds one, or several with commas between
   * @param args `-n NAMESPACE` (else `default`), `-A`, `-l SELECTOR`, `--field-selector=SELECTOR`
   * @throws if a kind is not served, or for other arguments
   */
  async list<T>(kinds: string, args: string[]): Promise<T[]> {
    const { namespace, query } = selectionOf(args);
    const lists = kinds.split(',').map(async (kind) => {
      const type = await this.#type(kind);
      const path = resourcePath(type, type.namespaced ? namespace : undefined);
      const list = await this.#client.request<{ apiVersion: string; items: KubernetesObject[] }>({
        method: 'GET',
        path,
        query,
      });
      // The items of a list do not say what they are.
      return list.items.map((item) => ({ ...item, apiVersion: list.apiVersion, kind: type.kind }) as T);
    });
    return (await Promise.all(lists)).flat();
  }

  async close(): Promise<void> {
    await this.#client.close();
  }

  async #type(name: string): Promise<ResourceType> {
    const find = () => this.#served.find(({ names }) => names.has(name))?.type;
    const known = find();
    if (known) return known;
    const answers = ['/api', '/apis'].map((path) =>
      this.#client.request<Discovery>({ method: 'GET', path, accept: ALL_KINDS }),
    );
    this.#served = (await Promise.all(answers)).flatMap(({ items }) => items).flatMap(servedKinds);
    const found = find();
    if (!found) throw new Error(`the server serves no ${name}`);
    return found;
  }
}

/** The kinds of a group, each in the version that the server prefers. */
function servedKinds({ metadata: { name: group = '' }, versions }: Discovery['items'][number]): ServedKind[] {
  return versions.flatMap(({ version, resources = [] }) =>
    resources.map(({ resource, scope, singularResource = '', shortNames = [], responseKind: { kind } }) => ({
      type: { group, version, kind, plural: resource, namespaced: scope === 'Namespaced' },
      names: new Set([resource, singularResource, ...shortNames].flatMap((one) => [one, `${one}.${group}`])),
    })),
  );
}

function selectionOf(args: string[]): Selection {
  const selection: Selection = { namespace: 'default', query: {} };
  const rest = [...args];
  for (let arg = rest.shift(); arg !== undefined; arg = rest.shift()) {
    if (arg === '-A') selection.namespace = undefined;
    else if (arg === '-n') selection.namespace = rest.shift();
    else if (arg === '-l') selection.query.labelSelector = rest.shift() ?? '';
    else if (arg.startsWith('--field-selector=')) selection.query.fieldSelector = arg.replace('--field-selector=', '');
    else throw new Error(`${arg} cannot be read: only -n, -A, -l and --field-selector=`);
  }
  return selection;
}
