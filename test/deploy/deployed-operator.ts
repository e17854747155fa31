import type { KubernetesObject } from '../../operator/index.ts';
import { freePorts } from '../../operator/testkit/ports.ts';
import { eventually, type OperatorProcess, type World } from '../operator/world.ts';

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

/** One replica, as a process. */
export interface Replica {
  process: OperatorProcess;
  /** What the kubelet would ask, answered: HTTP status. */
  probe(which: 'livenessProbe' | 'readinessProbe'): Promise<number>;
  /** Whether it leads, by its metrics. */
  leads(): Promise<boolean>;
}

/**
 * Runs what the operator's Deployment in the cluster says: as many processes as replicas, with its arguments and
 * environment and as its ServiceAccount. Only the ports are others, as all pods are on this machine.
 *
 * @returns the replicas; the first one leads
 */
export async function runDeployment(world: World): Promise<Replica[]> {
  const { replicas, template } = (await deploymentIn(world)).spec;
  const started: Replica[] = [];
  for (let index = 0; index < replicas; index++) {
    const replica = await start(world, template.spec);
    started.push(replica);
    if (index === 0) await replica.process.says('leading');
    await untilReady(replica);
  }
  return started;
}

/** Starts one more replica, as a Deployment does in place of one that has ended, and waits until it is ready. */
export async function replaceReplica(world: World): Promise<Replica> {
  const replica = await start(world, (await deploymentIn(world)).spec.template.spec);
  await untilReady(replica);
  return replica;
}

async function deploymentIn(world: World): Promise<Deployment> {
  const deployment = await world.get<Deployment>('deployment', 'restapi-operator', NAMESPACE);
  if (!deployment) throw new Error('there is no Deployment restapi-operator');
  return deployment;
}

async function untilReady(replica: Replica): Promise<void> {
  await eventually(async () => (await replica.probe('readinessProbe')) === 200, { everyMs: 50, what: 'readiness' });
}

async function start(world: World, pod: Deployment['spec']['template']['spec']): Promise<Replica> {
  const [container] = pod.containers;
  if (!container || pod.containers.length > 1) throw new Error('the Deployment should have one container');
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
    env: environment(container),
    kubeConfig: await world.cluster.serviceAccountKubeConfig(NAMESPACE, pod.serviceAccountName),
  });
  const ask = (name: string, path: string) => {
    const port = container.ports.find((port) => port.name === name)?.containerPort ?? 0;
    return fetch(`http://127.0.0.1:${ports.get(port)}${path}`);
  };
  return {
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

/** What the kubelet makes of values and the downward API. */
function environment({ env }: Container): Record<string, string> {
  return Object.fromEntries(
    env.map(({ name, value, valueFrom }) => {
      if (value !== undefined) return [name, value];
      if (valueFrom?.fieldRef?.fieldPath !== 'metadata.namespace') throw new Error(`cannot tell the value of ${name}`);
      return [name, NAMESPACE];
    }),
  );
}
