import { mkdir, writeFile } from 'node:fs/promises';
import { join, relative } from 'node:path';
import type { ControlPlane } from '../../../operator/testkit/index.ts';
import { packageRoot } from '../../package/package-root.ts';
import { mustRunKubectl } from './must-run-kubectl.ts';

const NAMESPACE = 'restapi-system';
const DEPLOYMENT = 'deployment/restapi-operator';
const DEADLINE = '120s';

/**
 * Writes a kustomization that is kustomize/overlays/dev with another image, and nothing else but a patch of its NetworkPolicy.
 *
 * @param folder a folder that does not exist yet
 * @param image name with tag
 * @param policyPatch as of apiServerPortPatch(); needed where NetworkPolicies are enforced
 * @returns the folder, for `kubectl apply -k`
 */
export async function writeOperatorOverlay(folder: string, image: string, policyPatch?: string): Promise<string> {
  await mkdir(folder, { recursive: true });
  const colon = image.lastIndexOf(':');
  const kustomization = {
    apiVersion: 'kustomize.config.k8s.io/v1beta1',
    kind: 'Kustomization',
    resources: [relative(folder, join(packageRoot(), 'kustomize', 'overlays', 'dev'))],
    images: [{ name: 'restapi-operator', newName: image.slice(0, colon), newTag: image.slice(colon + 1) }],
    ...(policyPatch !== undefined && {
      patches: [{ target: { kind: 'NetworkPolicy', name: 'restapi-operator' }, patch: policyPatch }],
    }),
  };
  await writeFile(join(folder, 'kustomization.yaml'), JSON.stringify(kustomization));
  return folder;
}

/** The JSON patch that makes the operator's NetworkPolicy allow the port of a cluster's API server, as docs/how-to/install.md says. */
export function apiServerPortPatch({ server }: ControlPlane): string {
  return JSON.stringify([{ op: 'replace', path: '/spec/egress/0/ports/0/port', value: Number(new URL(server).port) }]);
}

/**
 * Installs the operator, or upgrades it, as a Deployment of the shipped overlay `dev`: with its RBAC, admission policy and Pod
 * Security `restricted`. Returns when its pods are ready.
 *
 * @param folder for the kustomization; it does not exist yet
 * @param image name with tag of an image that the nodes have
 * @throws Error when the pods are not ready in 2 minutes, with what is known about them
 */
export async function deployOperator(cluster: ControlPlane, folder: string, image: string): Promise<void> {
  const overlay = await writeOperatorOverlay(folder, image, apiServerPortPatch(cluster));
  await mustRunKubectl(cluster, ['apply', '--server-side', '--force-conflicts', '-k', overlay]);
  await operatorRolledOut(cluster);
}

/** Waits until the operator's Deployment has rolled out. @throws Error after 2 minutes, with what is known about its pods */
export async function operatorRolledOut(cluster: ControlPlane): Promise<void> {
  try {
    await mustRunKubectl(cluster, ['rollout', 'status', '-n', NAMESPACE, DEPLOYMENT, `--timeout=${DEADLINE}`]);
  } catch (error) {
    const [pods, events, log] = await Promise.all([
      cluster.kubectl(['get', 'pods', '-n', NAMESPACE, '-o', 'wide']),
      cluster.kubectl(['get', 'events', '-n', NAMESPACE, '--sort-by=.lastTimestamp']),
      operatorLog(cluster, 20),
    ]);
    const details = [pods.stdout, events.stdout.split('\n').slice(-10).join('\n'), log].join('\n');
    throw new Error(`the operator's Deployment did not become ready: ${(error as Error).message}\n${details}`);
  }
}

/** The last lines of the operator's log, of its current pod. */
export async function operatorLog(cluster: ControlPlane, lines = 100): Promise<string> {
  const { stdout, stderr } = await cluster.kubectl(['logs', '-n', NAMESPACE, DEPLOYMENT, `--tail=${lines}`]);
  return stdout || stderr;
}
