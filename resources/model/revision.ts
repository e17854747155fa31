import { COMPONENTS, type ComponentName } from '../api/component-name.ts';
import type { RestAPISpec } from '../api/rest-api.ts';

type Fields = Record<string, unknown>;

/** What the pods of an environment are made from. */
export interface RevisionData {
  /** The spec without what needs no release. */
  spec: Fields;
  referenceHashes: Partial<Record<ComponentName, string>>;
}

/**
 * What pods are made from, and its name: what makes the same pods has the same name, so that a field which a newer
 * version of the operator gives a default releases nothing.
 */
export interface Revision {
  readonly name: string;
  data: RevisionData;
}

/** Fields that take effect at once in whatever runs: a change of them is no release. */
const OF_SPEC = ['replicas', 'autoScaling', 'blueGreen'];
const OF_COMPONENT = ['replicas', 'service', 'expose'];
const OF_STORAGE = ['size', 'whenDeleted'];
const OF_METRICS = ['interval'];
const OF_HEALTH = ['healing'];

/** The part of a spec that needs a release when it changes. */
export function releasedSpec(spec: RestAPISpec): Fields {
  // As it is sent: undefined values are no fields.
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

/** The spec that an environment of this revision is to have today: what it was released with, and what needs no release. */
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
