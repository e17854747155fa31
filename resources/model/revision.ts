import { COMPONENTS, type ComponentName } from '../api/component-name.ts';
import type { RestAPISpec } from '../api/rest-api.ts';

type Fields = Record<string, unknown>;

/** Input of the pod templates of an environment. */
export interface RevisionData {
  /** The spec without the fields that take effect without a release. */
  spec: Fields;
  referenceHashes: Partial<Record<ComponentName, string>>;
}

/**
 * A revision of the application. Its name is a hash of the pod templates, so that a new default in a newer version of
 * the operator does not trigger a release.
 */
export interface Revision {
  readonly name: string;
  data: RevisionData;
}

/** Fields that take effect immediately in running environments: changing them does not trigger a release. */
const OF_SPEC = ['replicas', 'minReadySeconds', 'autoScaling', 'blueGreen'];
const OF_COMPONENT = ['replicas', 'service', 'expose'];
const OF_STORAGE = ['size', 'whenDeleted'];
const OF_METRICS = ['interval'];
const OF_HEALTH = ['healing'];

/** Returns the part of a spec whose changes require a release. */
export function releasedSpec(spec: RestAPISpec): Fields {
  // As sent to the API server: without undefined values.
  const kept = JSON.parse(JSON.stringify(spec)) as Fields;
  split(kept, OF_SPEC);
  for (const component of COMPONENTS) {
    const fields = kept[component] as Fields;
    split(fields, OF_COMPONENT);
    if (fields.storage) split(fields.storage as Fields, OF_STORAGE);
  }
  split(metricsOf(kept) ?? {}, OF_METRICS);
  split((kept.healthCheck as Fields | undefined) ?? {}, OF_HEALTH);
  return kept;
}

/** Returns the current spec of an environment: the fields of its revision, and the other fields of the RestAPI. */
export function specOf({ spec }: RevisionData, today: RestAPISpec): RestAPISpec {
  const fields = structuredClone(spec);
  join(fields, today as unknown as Fields, OF_SPEC);
  for (const component of COMPONENTS) {
    const own = fields[component] as Fields;
    const now = today[component] as unknown as Fields;
    join(own, now, OF_COMPONENT);
    if (own.storage) join(own.storage as Fields, (now.storage ?? {}) as Fields, OF_STORAGE);
  }
  const metrics = metricsOf(fields);
  if (metrics) join(metrics, metricsOf(today as unknown as Fields) ?? {}, OF_METRICS);
  return fields as unknown as RestAPISpec;
}

function metricsOf(spec: Fields): Fields | undefined {
  return (spec.observability as { metrics?: Fields } | undefined)?.metrics;
}

function split(fields: Fields, names: readonly string[]): void {
  for (const name of names) delete fields[name];
}

function join(fields: Fields, from: Fields, names: readonly string[]): void {
  for (const name of names) if (from[name] !== undefined) fields[name] = from[name];
}
