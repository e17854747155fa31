import { readFile } from 'node:fs/promises';
import { text } from 'node:stream/consumers';
import { parseAllDocuments } from 'yaml';
import { apiVersionOf, customResourceOf, type KubernetesObject } from '../../operator/index.ts';
import { RestAPI } from '../../resources/index.ts';

/** A RestAPI as a person writes it. */
export type WrittenRestApi = KubernetesObject & { metadata: { name: string; namespace?: string }; spec?: unknown };

const API_VERSION = apiVersionOf(customResourceOf(RestAPI));

/** The RestAPIs of a file, `-` being the standard input. @throws Error in words */
export async function readRestApis(file: string): Promise<WrittenRestApi[]> {
  return restApisOf(await contentOf(file), file === '-' ? 'the standard input' : file);
}

async function contentOf(file: string): Promise<string> {
  if (file === '-') return text(process.stdin);
  try {
    return await readFile(file, 'utf8');
  } catch (error) {
    throw new Error(`${file} cannot be read: ${(error as Error).message}`);
  }
}

/**
 * The RestAPIs among the documents of a YAML or JSON text; other kinds are left out.
 * @param source how the text is called in errors
 * @throws Error in words if it is no YAML, holds no RestAPI, or one without a name or of another version
 */
export function restApisOf(content: string, source: string): WrittenRestApi[] {
  const objects = [...parseAllDocuments(content)].flatMap((document): KubernetesObject[] => {
    const [error] = document.errors;
    if (error) throw new Error(`${source} is not YAML: ${error.message}`);
    const object = document.toJS() as (KubernetesObject & { items?: KubernetesObject[] }) | null;
    return object?.kind === 'List' ? (object.items ?? []) : object ? [object] : [];
  });
  const apis = objects.filter(({ kind }) => kind === 'RestAPI');
  if (apis.length === 0) throw new Error(`${source} holds no RestAPI`);
  for (const { apiVersion, metadata } of apis) {
    if (typeof metadata?.name !== 'string') throw new Error(`${source}: a RestAPI has no metadata.name`);
    if (apiVersion !== API_VERSION) {
      throw new Error(`${source}: RestAPI ${metadata.name} has apiVersion ${apiVersion}; it must be ${API_VERSION}`);
    }
  }
  return apis as WrittenRestApi[];
}
