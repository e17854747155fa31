import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parseAllDocuments } from 'yaml';
import { type ApiClient, customResourceOf } from '../../operator/index.ts';
import { RestAPI } from '../../resources/index.ts';
import { packageRoot } from '../package/package-root.ts';

const FIELD_MANAGER = 'npm-start';

/** The identity and image of the sample. */
export interface Sample {
  namespace: string;
  name: string;
  image: string;
}

/** The sample for simulated pods, from the package's folder. */
export const SAMPLE = join('kustomize', 'sample', 'shop.yaml');

/** Applies every RestAPI of a file of the package. @returns the first one */
export async function applySample(client: ApiClient, file: string, signal: AbortSignal): Promise<Sample> {
  const path = join(packageRoot(), file);
  const samples: Sample[] = [];
  for (const document of parseAllDocuments(await readFile(path, 'utf8'))) {
    const object = document.toJS() as RestAPI | null;
    if (object?.kind !== 'RestAPI') continue;
    const namespace = object.metadata.namespace ?? 'default';
    const restapi = { ...object, metadata: { ...object.metadata, namespace } };
    await client.apply(customResourceOf(RestAPI), restapi, { fieldManager: FIELD_MANAGER, force: true, signal });
    samples.push({ namespace, name: String(object.metadata.name), image: object.spec.image });
  }
  const [first] = samples;
  if (!first) throw new Error(`${path} contains no RestAPI`);
  return first;
}
