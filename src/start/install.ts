import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { parse, parseAllDocuments } from 'yaml';
import {
  type ApiClient,
  customResourceOf,
  isNotFound,
  type KubernetesObject,
  type ResourceType,
} from '../../operator/index.ts';
import { type Condition, RestAPI } from '../../resources/index.ts';
import { packageRoot } from '../package-root.ts';

const CRD: ResourceType = {
  group: 'apiextensions.k8s.io',
  version: 'v1',
  kind: 'CustomResourceDefinition',
  plural: 'customresourcedefinitions',
  namespaced: false,
};
const CRD_NAME = 'restapis.restapi.dev';
const FIELD_MANAGER = 'npm-start';
/** How long the API server may take to serve a new kind, milliseconds. */
const ESTABLISHED_DEADLINE_MS = 30_000;

/** File of the CRD, for messages too. */
export function crdPath(): string {
  return join(packageRoot(), 'crds', 'restapis.restapi.dev.yaml');
}

/** Whether the cluster knows RestAPIs. */
export async function hasCrd(client: ApiClient): Promise<boolean> {
  try {
    await client.get(CRD, undefined, CRD_NAME);
    return true;
  } catch (error) {
    if (isNotFound(error)) return false;
    throw error;
  }
}

/** Installs or updates the CRD and waits until RestAPIs are served. @throws if that takes more than 30 s */
export async function installCrd(client: ApiClient, signal: AbortSignal): Promise<void> {
  const crd = parse(await readFile(crdPath(), 'utf8'));
  await client.apply(CRD, crd, { fieldManager: FIELD_MANAGER, force: true, signal });
  const end = Date.now() + ESTABLISHED_DEADLINE_MS;
  while (Date.now() < end) {
    const { status } = await client.get<KubernetesObject & { status?: { conditions?: Condition[] } }>(
      CRD,
      undefined,
      CRD_NAME,
      { signal },
    );
    if (status?.conditions?.some(({ type, status: is }) => type === 'Established' && is === 'True')) return;
    await sleep(50, undefined, { signal });
  }
  throw new Error(
    `the API server does not serve RestAPIs ${ESTABLISHED_DEADLINE_MS / 1000} s after their CRD was installed`,
  );
}

/** Applies kustomize/sample. @returns the sample's namespace and name */
export async function applySample(
  client: ApiClient,
  signal: AbortSignal,
): Promise<{ namespace: string; name: string }> {
  const text = await readFile(join(packageRoot(), 'kustomize', 'sample', 'shop.yaml'), 'utf8');
  const [document] = parseAllDocuments(text);
  const sample = document?.toJS();
  const namespace = sample.metadata.namespace ?? 'default';
  const object = { ...sample, metadata: { ...sample.metadata, namespace } };
  await client.apply(customResourceOf(RestAPI), object, { fieldManager: FIELD_MANAGER, force: true, signal });
  return { namespace, name: sample.metadata.name };
}
