import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { parse } from 'yaml';
import {
  type ApiClient,
  type Condition,
  CUSTOM_RESOURCE_DEFINITION,
  isNotFound,
  type KubernetesObject,
} from '../../operator/index.ts';
import { packageRoot } from '../package/package-root.ts';

const SERVED = '/apis/restapi.dev/v1alpha1';
const FIELD_MANAGER = 'npm-start';
/** How long the API server may take to serve a new kind, in milliseconds. */
const DEADLINE_MS = 30_000;
const POLL_MS = 50;

type Crd = KubernetesObject & { status?: { conditions?: Condition[] } };

/** Path of the CRD's file. */
export function crdPath(): string {
  return join(packageRoot(), 'crds', 'restapis.restapi.dev.yaml');
}

/** Whether the cluster serves RestAPIs. Uses API discovery, which every user may read, unlike CRDs. */
export async function servesRestApis(client: ApiClient, signal: AbortSignal): Promise<boolean> {
  try {
    const { resources = [] } = await client.request<{ resources?: { name: string }[] }>({
      method: 'GET',
      path: SERVED,
      signal,
    });
    return resources.some(({ name }) => name === 'restapis');
  } catch (error) {
    if (isNotFound(error)) return false;
    throw error;
  }
}

/** Installs or updates the CRD and waits until RestAPIs are served. @throws if that takes more than 30 s */
export async function installCrd(client: ApiClient, signal: AbortSignal): Promise<void> {
  const crd: Crd = parse(await readFile(crdPath(), 'utf8'));
  const name = String(crd.metadata?.name);
  await client.apply(CUSTOM_RESOURCE_DEFINITION, crd, { fieldManager: FIELD_MANAGER, force: true, signal });
  for (const end = Date.now() + DEADLINE_MS; Date.now() < end; await sleep(POLL_MS, undefined, { signal })) {
    const { status } = await client.get<Crd>(CUSTOM_RESOURCE_DEFINITION, undefined, name, { signal });
    const established = status?.conditions?.some((each) => each.type === 'Established' && each.status === 'True');
    if (!established) continue;
    // The first lists after Established may still answer 429, which is retried.
    await client.request({
      method: 'GET',
      path: `${SERVED}/restapis`,
      query: { limit: 1, resourceVersion: '0' },
      signal,
    });
    return;
  }
  throw new Error(`the API server does not serve RestAPIs ${DEADLINE_MS / 1000} s after their CRD was installed`);
}
