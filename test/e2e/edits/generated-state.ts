import type { StoredObject } from '../../../operator/index.ts';
import { ASKED_REPLICAS, COPY_OF, type RestAPI } from '../../../resources/index.ts';
import { ENVIRONMENT_LABEL } from '../../../resources/model/labels.ts';
import type { OperatorCluster } from '../../support/operator-cluster.ts';

type Fields = Record<string, unknown>;

/** Stands for a number of pods that the autoscaler chose. */
const AUTOSCALED = 'autoscaled';

/** What the server or the operator writes for itself. */
const OWN_ANNOTATIONS =
  /^(deployment\.kubernetes\.io\/revision|autoscaling\.alpha\.kubernetes\.io\/.*|restapi\.dev\/(applied-hash|given-up-fields|made-for|leader-term|active-.*|previous-revision|switched-at|revision|revision-backup|asked-replicas))$/;

/** Allocated by the server for each Service. */
const ALLOCATED = new Set(['clusterIP', 'clusterIPs', 'nodePort', 'healthCheckNodePort']);

/**
 * Returns everything generated for a RestAPI, by kind and name, without what documentedly does not depend on the spec alone:
 * the number of pods of autoscaled components, the retained claim, revisions with their copies of ConfigMaps, and the
 * environment that is not active.
 */
export async function generatedState(
  world: OperatorCluster,
  api: StoredObject<RestAPI>,
): Promise<Record<string, Fields>> {
  const { name, namespace = '' } = api.metadata;
  const active = api.status?.activeEnvironment ?? 'main';
  const found = await world.generated(name, namespace);
  const scaled = new Set(
    found.filter(({ kind }) => kind === 'HorizontalPodAutoscaler').map(({ metadata }) => `${metadata.name}`),
  );
  const state: Record<string, Fields> = {};
  const rendered = JSON.stringify(
    found.filter(({ kind, metadata }) => kind === 'Deployment' && metadata.labels?.[ENVIRONMENT_LABEL] === active),
  );
  for (const object of found) {
    const environment = object.metadata.labels?.[ENVIRONMENT_LABEL];
    if (environment !== undefined && environment !== active) continue;
    if (['ControllerRevision', 'PersistentVolumeClaim'].includes(String(object.kind))) continue;
    // Of other revisions.
    if (object.metadata.annotations?.[COPY_OF] && !rendered.includes(`"${object.metadata.name}"`)) continue;
    // These cover the stopped environment as well.
    const covers = object.kind === 'NetworkPolicy' || object.metadata.name === `${name}-preview`;
    if (active !== 'main' && covers) continue;
    const { metadata, kind, apiVersion: _, status: __, ...rest } = object as StoredObject & { status?: unknown };
    const component = metadata.labels?.['restapi.dev/component'];
    // After autoscaling was turned off, the number of pods stays until the spec requests another.
    const autoscaled = scaled.has(`${name}-${component}`) || metadata.annotations?.[ASKED_REPLICAS] !== undefined;
    if (kind === 'Deployment' && autoscaled) (rest as { spec: Fields }).spec.replicas = AUTOSCALED;
    const annotations = Object.entries(metadata.annotations ?? {}).filter(([key]) => !OWN_ANNOTATIONS.test(key));
    const kept = { labels: metadata.labels, annotations: Object.fromEntries(annotations), ...rest };
    const text = JSON.stringify(kept, (key, value) => (ALLOCATED.has(key) ? undefined : value));
    state[neutral(`${kind} ${metadata.name}`)] = JSON.parse(neutral(text));
  }
  return state;

  /** Environments take turns, and each application has a namespace of its own. */
  function neutral(text: string): string {
    const other = active === 'green' ? 'blue' : 'green';
    const colours = active === 'main' ? text : text.replaceAll(active, 'ACTIVE').replaceAll(other, 'OTHER');
    return colours.replaceAll(namespace, 'NAMESPACE');
  }
}

/** The differences of two states, one a line. */
export function differencesOf(live: unknown, fresh: unknown, path = ''): string[] {
  if (live === AUTOSCALED || JSON.stringify(live) === JSON.stringify(fresh)) return [];
  if (isObject(live) && isObject(fresh)) {
    const keys = new Set([...Object.keys(live), ...Object.keys(fresh)]);
    return [...keys].flatMap((key) => differencesOf(live[key], fresh[key], `${path}/${key}`));
  }
  if (Array.isArray(live) && Array.isArray(fresh) && live.length === fresh.length)
    return live.flatMap((one, index) => differencesOf(one, fresh[index], `${path}/${index}`));
  return [`${path}: live ${JSON.stringify(live)?.slice(0, 300)}, fresh ${JSON.stringify(fresh)?.slice(0, 300)}`];
}

function isObject(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
