import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parseAllDocuments } from 'yaml';
import { type ApiClient, customResourceOf, withDefaults } from '../../operator/index.ts';
import { RestAPI } from '../../resources/index.ts';
import { packageRoot } from '../package/package-root.ts';

const FIELD_MANAGER = 'npm-start';

/** The identity and image of the sample. */
export interface Sample {
  namespace: string;
  name: string;
  image: string;
}

/** The sample as the API server stores it. */
export interface AppliedSample extends Sample {
  api: RestAPI;
}

/** The sample for simulated pods, from the package's folder. */
export const SAMPLE = join('kustomize', 'sample', 'shop.yaml');

/**
 * Applies every RestAPI of a file of the package.
 *
 * @param autoScaling replaces `spec.autoScaling`. Default: as in the file
 * @returns the first one
 */
export async function applySample(
  client: ApiClient,
  file: string,
  signal: AbortSignal,
  autoScaling?: object,
): Promise<AppliedSample> {
  const path = join(packageRoot(), file);
  const samples: AppliedSample[] = [];
  for (const document of parseAllDocuments(await readFile(path, 'utf8'))) {
    const object = document.toJS() as RestAPI | null;
    if (object?.kind !== 'RestAPI') continue;
    const namespace = object.metadata.namespace ?? 'default';
    const spec = { ...object.spec, ...(autoScaling && { autoScaling }) } as RestAPI['spec'];
    const restapi = { ...object, spec, metadata: { ...object.metadata, namespace } };
    const options = { fieldManager: FIELD_MANAGER, force: true, signal };
    const api = withDefaults(RestAPI, await client.apply<RestAPI>(customResourceOf(RestAPI), restapi, options));
    samples.push({ namespace, name: String(object.metadata.name), image: object.spec.image, api });
  }
  const [first] = samples;
  if (!first) throw new Error(`${path} contains no RestAPI`);
  return first;
}
