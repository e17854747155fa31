import { readFile } from 'node:fs/promises';
import { text } from 'node:stream/consumers';
import { parseAllDocuments } from 'yaml';
import { apiVersionOf, customResourceOf, type KubernetesObject } from '../../operator/index.ts';
import { RestAPI } from '../../resources/index.ts';

/** A RestAPI as written in a file. */
export type WrittenRestApi = KubernetesObject & { metadata: { name: string; namespace?: string }; spec?: unknown };

const API_VERSION = apiVersionOf(customResourceOf(RestAPI));

/** Reads the RestAPIs of a file; `-` is standard input. @throws Error for the user */
export async function readRestApis(file: string): Promise<WrittenRestApi[]> {
  return restApisOf(await contentOf(file), file === '-' ? 'standard input' : file);
}

async function contentOf(file: string): Promise<string> {
  if (file === '-') return text(process.stdin);
  try {
    return await readFile(file, 'utf8');
  } catch (error) {
    throw new Error(`cannot read ${file}: ${(error as Error).message}`);
  }
}

/**
 * Reads the RestAPIs among the documents of a YAML or JSON text; ignores other kinds.
 * @param source name of the text in errors
 * @throws Error for the user if it is not YAML, has no RestAPI, or one without a name or of another version
 */
export function restApisOf(content: string, source: string): WrittenRestApi[] {
  const objects = [...parseAllDocuments(content)].flatMap((document): KubernetesObject[] => {
    const [error] = document.errors;
    if (error) throw new Error(`${source} is not YAML: ${error.message}`);
    const object = document.toJS() as (KubernetesObject & { items?: KubernetesObject[] }) | null;
    return object?.kind === 'List' ? (object.items ?? []) : object ? [object] : [];
  });
  const apis = objects.filter(({ kind }) => kind === 'RestAPI');
  if (apis.length === 0) throw new Error(`${source} contains no RestAPI`);
  for (const { apiVersion, metadata } of apis) {
    if (typeof metadata?.name !== 'string') throw new Error(`${source}: a RestAPI has no metadata.name`);
    if (apiVersion !== API_VERSION) {
      throw new Error(`${source}: RestAPI ${metadata.name} has apiVersion ${apiVersion}; it must be ${API_VERSION}`);
    }
  }
  return apis as WrittenRestApi[];
}
