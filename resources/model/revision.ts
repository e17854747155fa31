import { hashOf } from '../../operator/index.ts';
import { COMPONENTS, type ComponentName } from '../api/component-name.ts';
import { enabledComponents } from './enabled-components.ts';
import type { Environment } from './environment.ts';
import { podTemplate } from '../templates/pod-template.ts';
import type { RestAPI, RestAPISpec } from '../api/rest-api.ts';

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

/** The revision that a RestAPI asks for. */
export function revisionOf(api: RestAPI, referenceHashes: Partial<Record<ComponentName, string>>): Revision {
  // As it is sent: undefined values are no fields.
  const kept = JSON.parse(JSON.stringify(api.spec)) as Fields;
  split(kept, OF_SPEC);
  for (const component of COMPONENTS) {
    const fields = kept[component] as Fields;
    split(fields, OF_COMPONENT);
    if (fields.storage) split(fields.storage as Fields, OF_STORAGE);
  }
  split(metricsOf(kept) ?? {}, OF_METRICS);
  split((kept.healthCheck as Fields | undefined) ?? {}, OF_HEALTH);
  let name: string | undefined;
  return {
    // Only when it is asked for: a RestAPI that is updated in place needs no names.
    get name() {
      name ??= nameOf(api, referenceHashes);
      return name;
    },
    data: { spec: kept, referenceHashes },
  };
}

function nameOf(api: RestAPI, referenceHashes: Partial<Record<ComponentName, string>>): string {
  // In whichever of the environments that take turns.
  const environment: Environment = { name: 'blue', api, replicas: {}, referenceHashes };
  return hashOf(enabledComponents(api).map((component) => podTemplate(environment, component)));
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
