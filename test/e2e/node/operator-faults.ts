import type { StoredObject } from '../../../operator/index.ts';
import type { Pod } from '../../../src/workload/pod.ts';
import { isServing } from '../../src/blue-green/objects.ts';
import { eventually } from '../../support/eventually.ts';
import type { RealCluster } from '../../support/real-cluster.ts';

/** The only argument of the operator's process that no other process of a node has. */
const PROGRAM = '/app/restapi-operator.mjs';

/** Returns the operator's pod that is not ending. @throws Error when there is none, or several */
export async function operatorPod(real: RealCluster): Promise<StoredObject<Pod>> {
  const pods = (await real.operatorPods()).filter(({ metadata }) => metadata.deletionTimestamp === undefined);
  const [pod] = pods;
  if (!pod || pods.length > 1) throw new Error(`the operator has ${pods.length} pods: wait until it has rolled out`);
  return pod as StoredObject<Pod>;
}

/** Ends the operator's process with SIGKILL. The kubelet starts it again in the same pod. @throws Error when it does not run once */
export async function killOperatorProcess(real: RealCluster): Promise<void> {
  const { nodeName } = (await operatorPod(real)).spec ?? {};
  const node = real.cluster.realNodes.find(({ name }) => name === nodeName);
  if (!node) throw new Error(`the operator's pod is on node ${nodeName}, which is not a real one`);
  // A node has its own process numbers, so that no process outside of it can be meant.
  const { stdout } = await node.run(['pgrep', '--full', PROGRAM]);
  const pids = stdout.split('\n').filter(Boolean);
  if (pids.length !== 1) throw new Error(`node ${nodeName} runs ${pids.length} processes with ${PROGRAM}, not one`);
  const { exitCode, stderr } = await node.run(['kill', '-KILL', ...pids]);
  if (exitCode !== 0) throw new Error(`the operator's process ${pids} could not be killed: ${stderr}`);
}

/** Removes the operator's pod without notice, as `kubectl delete --force` does. Another one takes over when the Lease has expired. */
export async function removeOperatorPod(real: RealCluster): Promise<void> {
  const { name } = (await operatorPod(real)).metadata;
  await real.world.kubectl('delete', 'pod', name, '-n', 'restapi-system', '--grace-period=0', '--force');
}

/** Moves the operator to a node. */
export async function moveOperator(real: RealCluster, to: string): Promise<void> {
  const others = real.cluster.realNodes.map(({ name }) => name).filter((name) => name !== to);
  await real.world.kubectl('cordon', ...others);
  await removeOperatorPod(real);
  await operatorReady(real, to);
  await real.world.kubectl('uncordon', ...others);
}

/** Waits until one pod of the operator is ready, if given on that node. @throws Error after two minutes */
export async function operatorReady(real: RealCluster, onNode?: string): Promise<void> {
  const check = async () => {
    const pod = await operatorPod(real);
    return isServing(pod) && (onNode === undefined || pod.spec?.nodeName === onNode);
  };
  await eventually(check, { timeoutMs: 120_000, what: `the operator is ready${onNode ? ` on ${onNode}` : ''}` });
}
