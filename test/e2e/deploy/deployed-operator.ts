import type { KubernetesObject, StoredObject } from '../../../operator/index.ts';
import { freePorts } from '../../../operator/testkit/ports.ts';
import { eventually } from '../../support/eventually.ts';
import type { OperatorCluster, OperatorProcess } from '../../support/operator-cluster.ts';

interface Deployment extends KubernetesObject {
  spec: { replicas: number; template: { spec: { serviceAccountName: string; containers: Container[] } } };
}

interface Container {
  args: string[];
  env: { name: string; value?: string; valueFrom?: { fieldRef?: { fieldPath: string } } }[];
  ports: { name: string; containerPort: number }[];
  livenessProbe: Probe;
  readinessProbe: Probe;
}

interface Probe {
  httpGet: { path: string; port: string };
}

const NAMESPACE = 'restapi-system';
const ADDRESS = /^(--[\w-]+-address=).*:(\d+)$/;

/** One replica of the operator, run as a process. */
export interface Replica {
  pod: StoredObject;
  process: OperatorProcess;
  /** Runs a probe as the kubelet does and returns the HTTP status. */
  probe(which: 'livenessProbe' | 'readinessProbe'): Promise<number>;
  /** Whether its metrics say that it is the leader. */
  leads(): Promise<boolean>;
}

/**
 * Runs the operator's Deployment in the cluster: one process per replica, with its arguments, environment and ServiceAccount.
 * Only the ports differ, because all pods run on this machine.
 *
 * @returns the replicas; the first one is the leader
 */
export async function runDeployment(world: OperatorCluster): Promise<Replica[]> {
  const { replicas, template } = (await deploymentIn(world)).spec;
  const pods = await eventually(
    async () => {
      const running = await world.list('pods', '-n', NAMESPACE, '-l', 'app.kubernetes.io/name=restapi-operator');
      return running.length === replicas && running;
    },
    { what: `${replicas} pods of the operator` },
  );
  const started: Replica[] = [];
  for (const [index, pod] of pods.entries()) {
    const replica = await start(world, template.spec, pod);
    started.push(replica);
    if (index === 0) await replica.process.says('Started leading');
    await untilReady(replica);
  }
  return started;
}

/** Restarts the ended container of a replica in the same pod, as the kubelet does, and waits until it is ready. */
export async function replaceReplica(world: OperatorCluster, { pod }: Replica): Promise<Replica> {
  const replica = await start(world, (await deploymentIn(world)).spec.template.spec, pod);
  await untilReady(replica);
  return replica;
}

async function deploymentIn(world: OperatorCluster): Promise<Deployment> {
  const deployment = await world.get<Deployment>('deployment', 'restapi-operator', NAMESPACE);
  if (!deployment) throw new Error('the Deployment restapi-operator does not exist');
  return deployment;
}

async function untilReady(replica: Replica): Promise<void> {
  await eventually(async () => (await replica.probe('readinessProbe')) === 200, { everyMs: 50, what: 'readiness' });
}

async function start(
  world: OperatorCluster,
  spec: Deployment['spec']['template']['spec'],
  pod: StoredObject,
): Promise<Replica> {
  const { name, uid } = pod.metadata;
  const [container] = spec.containers;
  if (!container || spec.containers.length > 1) throw new Error('the Deployment must have one container');
  const flags: string[] = [];
  const ports = new Map<number, number>();
  for (const arg of container.args) {
    const [, flag, port] = ADDRESS.exec(arg) ?? [];
    const [free = 0] = flag ? await freePorts(1) : [];
    if (flag) ports.set(Number(port), free);
    flags.push(flag ? `${flag}127.0.0.1:${free}` : arg);
  }
  const process = await world.spawnOperator({
    flags,
    env: environment(container, name),
    // Bound to the pod like the kubelet's tokens; the fence identifies the writer by it.
    kubeConfig: await world.cluster.serviceAccountKubeConfig(NAMESPACE, spec.serviceAccountName, 3600, { name, uid }),
  });
  const ask = (name: string, path: string) => {
    const port = container.ports.find((port) => port.name === name)?.containerPort ?? 0;
    return fetch(`http://127.0.0.1:${ports.get(port)}${path}`);
  };
  return {
    pod,
    process,
    async probe(which) {
      const { path, port } = container[which].httpGet;
      return (await ask(port, path)).status;
    },
    async leads() {
      return /^operator_leader 1$/m.test(await (await ask('metrics', '/metrics')).text());
    },
  };
}

/** Resolves values and the downward API as the kubelet does. */
function environment({ env }: Container, podName: string): Record<string, string> {
  const fields: Record<string, string> = { 'metadata.namespace': NAMESPACE, 'metadata.name': podName };
  return Object.fromEntries(
    env.map(({ name, value, valueFrom }) => {
      const resolved = value ?? fields[valueFrom?.fieldRef?.fieldPath ?? ''];
      if (resolved === undefined) throw new Error(`cannot resolve the environment variable ${name}`);
      return [name, resolved];
    }),
  );
}
