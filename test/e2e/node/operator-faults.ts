import type { StoredObject } from '../../../operator/index.ts';
import type { RealNode } from '../../../operator/testkit/index.ts';
import type { Pod } from '../../../src/workload/pod.ts';
import { isServing } from '../../src/blue-green/objects.ts';
import { eventually } from '../../support/eventually.ts';
import type { RealCluster } from '../../support/real-cluster.ts';

/** The only argument of the operator's process that no other process of a node has. */
const PROGRAM = '/app/restapi-operator.mjs';
/** Linux counts the times in /proc in hundredths of a second: getconf CLK_TCK. */
const TICKS = 100;

/** Returns the operator's pod that is not ending. @throws Error when there is none, or several */
export async function operatorPod(real: RealCluster): Promise<StoredObject<Pod>> {
  const pods = (await real.operatorPods()).filter(({ metadata }) => metadata.deletionTimestamp === undefined);
  const [pod] = pods;
  if (!pod || pods.length > 1) throw new Error(`the operator has ${pods.length} pods: wait until it has rolled out`);
  return pod as StoredObject<Pod>;
}

/** Ends the operator's process with SIGKILL. The kubelet starts it again in the same pod. @throws Error when it does not run once */
export async function killOperatorProcess(real: RealCluster): Promise<void> {
  const { node, pid } = await findOperatorProcess(real);
  const { exitCode, stderr } = await node.run(['kill', '-KILL', pid]);
  if (exitCode !== 0) throw new Error(`the operator's process ${pid} could not be killed: ${stderr}`);
}

/**
 * Looks at the operator's process on its node.
 *
 * @returns when it was started, milliseconds since 1970 to a hundredth of a second, and the most memory it had
 * @throws Error when it does not run once
 */
export async function operatorProcess(real: RealCluster): Promise<{ startedAt: number; peakBytes: number }> {
  const { node, pid } = await findOperatorProcess(real);
  const { stdout } = await node.run(['cat', `/proc/${pid}/stat`, '/proc/uptime', `/proc/${pid}/status`]);
  const [, ticks = '', uptime = '', peak = ''] =
    // After the name, which is the 2nd field, the start time is the 22nd, in ticks since the start of the machine.
    /^.*\)(?: \S+){19} (\d+)[^\n]*\n(\S+)[\s\S]*^VmHWM:\s+(\d+) kB$/m.exec(stdout) ?? [];
  return { startedAt: Date.now() - (Number(uptime) - Number(ticks) / TICKS) * 1_000, peakBytes: Number(peak) * 1_024 };
}

async function findOperatorProcess(real: RealCluster): Promise<{ node: RealNode; pid: string }> {
  const { nodeName } = (await operatorPod(real)).spec ?? {};
  const node = real.cluster.realNodes.find(({ name }) => name === nodeName);
  if (!node) throw new Error(`the operator's pod is on node ${nodeName}, which is not a real one`);
  // A node has its own process numbers, so that no process outside of it can be meant.
  const { stdout } = await node.run(['pgrep', '--full', PROGRAM]);
  const pids = stdout.split('\n').filter(Boolean);
  const [pid] = pids;
  if (!pid || pids.length > 1)
    throw new Error(`node ${nodeName} runs ${pids.length} processes with ${PROGRAM}, not one`);
  return { node, pid };
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
