import { withDefaults } from '../../operator/schema/index.ts';
import { COMPONENTS } from '../api/component-name.ts';
import { RestAPISpec } from '../api/rest-api-spec.ts';
import { memoized } from './memoized.ts';
import type { ConfigHashes } from './references.ts';

type Fields = Record<string, unknown>;

/** Input of the pod templates of an environment. */
export interface RevisionData {
  /** The spec without the fields that take effect without a release. */
  spec: Fields;
  /** Hashes of the referenced contents that are released with it. */
  configHashes: ConfigHashes;
}

/**
 * A version of the application with its configuration. The version is what people decide about: the released part of the
 * spec. The configuration is the contents of the ConfigMaps that it references.
 */
export interface Revision {
  /** `<version>`, or `<version>-<configuration>` if it references ConfigMaps. */
  readonly name: string;
  data: RevisionData;
}

/** Returns the version in the name of a revision. */
export function versionOf(revision: string): string {
  const [version = revision] = revision.split('-');
  return version;
}

/** Fields that take effect immediately in running environments: changing them does not trigger a release. */
const OF_SPEC = ['replicas', 'minReadySeconds', 'autoScaling', 'blueGreen'];
const OF_COMPONENT = ['replicas', 'service', 'expose'];
const OF_STORAGE = ['size', 'whenDeleted'];
const OF_METRICS = ['interval'];
const OF_HEALTH = ['healing'];

/** Returns the part of a spec whose changes require a release. */
export const releasedSpec = memoized((spec: RestAPISpec): Fields => {
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
});

/**
 * Returns the current spec of an environment: the fields of its revision, and the other fields of the RestAPI. Fields that
 * are newer than the stored revision have their defaults.
 */
export function specOf({ spec }: Pick<RevisionData, 'spec'>, today: RestAPISpec): RestAPISpec {
  const fields = structuredClone(completed(spec));
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

const completed = memoized((spec: Fields) => releasedSpec(withDefaults(RestAPISpec, spec) as unknown as RestAPISpec));

function metricsOf(spec: Fields): Fields | undefined {
  return (spec.observability as { metrics?: Fields } | undefined)?.metrics;
}

function split(fields: Fields, names: readonly string[]): void {
  for (const name of names) delete fields[name];
}

function join(fields: Fields, from: Fields, names: readonly string[]): void {
  for (const name of names) if (from[name] !== undefined) fields[name] = from[name];
}
