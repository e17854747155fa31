import { hashOf, type Reference } from '../../operator/index.ts';
import type { ComponentName } from '../api/component-name.ts';
import type { OnChange } from '../api/object-reference.ts';
import type { RestAPI } from '../api/rest-api.ts';
import { byComponent } from './by-component.ts';
import { enabledComponents } from './enabled-components.ts';
import { withKeyOf } from './hash-key-id.ts';

/** Annotation of pods with a hash of the ConfigMaps and Secrets that their component references. */
export const REFERENCES_HASH = 'restapi.dev/references-hash';

/** A reference to a ConfigMap or Secret that pods of a component read variables from. */
export interface SourceOfVariables extends Reference {
  component: ComponentName;
  /** Path of the referencing field. */
  field: string;
  /** Whether pods start without it. */
  optional: boolean;
  /** What a change of its content does. */
  onChange: OnChange;
}

/** Hashes of contents by kind and name; null: it does not exist, left out: unknown, because the current spec does not reference it. */
export type Contents = Readonly<Record<string, string | null>>;

/** Hashes of the contents that belong to a revision, by kind and name; null: the object did not exist. */
export type ConfigHashes = Readonly<Record<string, string | null>>;

type Hashes = Partial<Record<ComponentName, string>>;

/** The key of an object in `Contents`. */
export function contentKey({ kind, name }: Pick<Reference, 'kind' | 'name'>): string {
  return `${kind}/${name}`;
}

/** Returns the references of the enabled components to ConfigMaps and Secrets with variables. */
export function sourcesOfVariables(api: RestAPI): SourceOfVariables[] {
  return enabledComponents(api).flatMap((component) => {
    const { env = [], envFrom = [] } = api.spec[component];
    const at = `spec.${component}`;
    const named: [kind: string, field: string, source: Source | undefined][] = [
      ...envFrom.flatMap(({ configMapRef, secretRef }, index): typeof named => [
        ['ConfigMap', `${at}.envFrom[${index}].configMapRef`, configMapRef],
        ['Secret', `${at}.envFrom[${index}].secretRef`, secretRef],
      ]),
      ...env.flatMap(({ valueFrom }, index): typeof named => [
        ['ConfigMap', `${at}.env[${index}].valueFrom.configMapKeyRef`, valueFrom?.configMapKeyRef],
        ['Secret', `${at}.env[${index}].valueFrom.secretKeyRef`, valueFrom?.secretKeyRef],
      ]),
    ];
    return named.flatMap(([kind, field, source]) =>
      source
        ? [
            {
              apiVersion: 'v1',
              kind,
              name: source.name,
              component,
              field,
              optional: source.optional ?? false,
              onChange: source.onChange ?? defaultOnChange(kind),
            },
          ]
        : [],
    );
  });
}

interface Source {
  name: string;
  optional?: boolean;
  onChange?: OnChange;
}

/**
 * Returns the hashes of the contents that belong to a revision: of references with `onChange: Release`, by kind and name.
 *
 * @param before hashes that stay while a required object is missing or a content is unknown
 */
export function configHashes(api: RestAPI, contents: Contents, before: ConfigHashes = {}): ConfigHashes {
  const released = sourcesOfVariables(api).filter(({ onChange }) => onChange === 'Release');
  const keys = new Set(released.map(contentKey));
  const required = new Set(released.filter(({ optional }) => !optional).map(contentKey));
  return Object.fromEntries(
    [...keys].map((key) => {
      const hash = contents[key];
      const kept = hash === undefined || (hash === null && required.has(key));
      return [key, (kept ? before[key] : hash) ?? null];
    }),
  );
}

/**
 * Returns the hashes for the annotation of pods that restarts them: of the released contents that they read from the live
 * objects, and of the contents of references with `onChange: Restart`. Copies of ConfigMaps do not count: their names are in
 * the pod template.
 *
 * @param config hashes of the revision
 * @param copied whether pods read copies of the ConfigMaps of the revision
 * @param running hashes of the pods that run. They stay while a required object is missing or a content is unknown
 */
export function referenceHashes(
  api: RestAPI,
  config: ConfigHashes,
  contents: Contents,
  { copied, running }: { copied: boolean; running: Hashes },
): Hashes {
  const sources = sourcesOfVariables(api);
  return byComponent((component) => {
    const own = sources.filter((source) => source.component === component && !(copied && isCopied(source)));
    const releasing = own.filter(({ onChange }) => onChange === 'Release');
    const restarting = own.filter(({ onChange }) => onChange === 'Restart');
    const kept =
      restarting.some((source) => isUnknown(source, contents)) ||
      [...releasing, ...restarting].some((source) => isMissing(source, contents));
    if (kept && running[component]) return running[component];
    const parts = [hashOfContents(releasing, config), hashOfContents(restarting, contents)];
    const [first, ...more] = parts.filter((part) => part !== undefined);
    return more.length > 0 ? withKeyOf(parts, hashOf([first, ...more])) : first;
  });
}

/** Whether environments with a revision read a copy instead of the object: of released ConfigMaps. Secrets are never copied. */
export function isCopied({ kind, onChange }: Pick<SourceOfVariables, 'kind' | 'onChange'>): boolean {
  return kind === 'ConfigMap' && onChange === 'Release';
}

/** Returns what a change of a referenced object does, if the reference does not say. */
export function defaultOnChange(kind: string): OnChange {
  return kind === 'Secret' ? 'Restart' : 'Release';
}

/** @returns undefined if there are no sources */
function hashOfContents(sources: readonly SourceOfVariables[], contents: Contents): string | undefined {
  if (sources.length === 0) return undefined;
  const hashes = sources.map((source) => contents[contentKey(source)] ?? null);
  return withKeyOf(hashes, hashOf(sources.map(({ kind, name }, index) => [kind, name, hashes[index]])));
}

function isUnknown(source: SourceOfVariables, contents: Contents): boolean {
  return contents[contentKey(source)] === undefined;
}

function isMissing(source: SourceOfVariables, contents: Contents): boolean {
  return contents[contentKey(source)] === null && !source.optional;
}
