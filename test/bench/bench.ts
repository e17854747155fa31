import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { generatedFor, Informer, type StoredObject, withDefaults } from '../../operator/index.ts';
import { resourcePath } from '../../operator/resource/resource-type.ts';
import { customResourceOf } from '../../operator/schema/index.ts';
import { isWrite } from '../../operator/testkit/index.ts';
import { ApiClient } from '../../operator/transport/api-client.ts';
import { RestAPI } from '../../resources/index.ts';
import { OPERATOR_NAME } from '../../src/create-operator.ts';
import { GENERATED_KINDS, OPERATOR_USER, OperatorCluster } from '../support/operator-cluster.ts';
import { BareClient, inParallel, type RawWrite } from './bare-client.ts';
import { usageOf } from './process-usage.ts';

const CONNECTIONS = 16;
/** As in the Dockerfile. */
const NODE_FLAGS = ['--max-semi-space-size=2'];
const TYPE = customResourceOf(RestAPI);
const APPLY = 'application/apply-patch+yaml';
const MERGE = 'application/merge-patch+json';
const FINALIZER = 'restapi.dev/finalizer';
/** Generated for a RestAPI with one pod a component. */
const CHILDREN = 15;
const RUN_DEADLINE_MS = 10 * 60_000;

const { values } = parseArgs({
  options: { count: { type: 'string', default: '200' }, rounds: { type: 'string', default: '4' } },
});
const count = Number(values.count);
const rounds = Number(values.rounds);

console.log(`Creating ${count} RestAPIs, ${rounds} rounds, on a cluster of its own (etcd and kube-apiserver)`);
// No other controllers, as they would share the two cores with the operator under measurement.
const world = await OperatorCluster.start({ controllerManager: false, scheduler: false, kwokNodes: 0 });
try {
  await measure();
} finally {
  await world[Symbol.asyncDispose]();
}

async function measure(): Promise<void> {
  const ratios: number[] = [];
  for (let round = 1; round <= rounds; round++) {
    // The server gets slower with every object it holds, so each goes first as often as the other.
    let raw: Awaited<ReturnType<typeof bareRun>>;
    let own: Awaited<ReturnType<typeof operatorRun>>;
    if (round % 2 === 1) {
      raw = await bareRun(`raw-${round}`);
      own = await operatorRun(`own-${round}`);
    } else {
      own = await operatorRun(`own-${round}`);
      raw = await bareRun(`raw-${round}`);
    }
    ratios.push(raw.seconds / own.seconds);
    console.log(
      `round ${round}: raw limit ${raw.seconds.toFixed(2)} s (${Math.round(raw.writes / raw.seconds)} writes/s), ` +
        `operator ${own.seconds.toFixed(2)} s; ${(raw.seconds / own.seconds).toFixed(2)} of the raw limit; ` +
        `per RestAPI ${(own.writes / count).toFixed(2)} writes, ${(own.reads / count).toFixed(2)} reads, ` +
        `${own.cpuMs === undefined ? 'unknown' : (own.cpuMs / count).toFixed(1)} ms CPU; peak RSS ${own.peakRssMiB?.toFixed(0) ?? 'unknown'} MiB; ` +
        `cold start ${Math.round(own.startMs)} ms`,
    );
  }
  // Ratios are averaged as ratios are: 2 and 1/2 make 1.
  const mean = Math.exp(ratios.reduce((sum, ratio) => sum + Math.log(ratio), 0) / ratios.length);
  console.log(`\nmean: ${mean.toFixed(2)} of the raw limit's throughput (target: at least 0.8)`);
}

/** Starts the operator for one namespace: in the others it must not take part in what is measured there. */
async function spawnOperator(namespace: string) {
  const spawnedAt = performance.now();
  const config = join(world.cluster.dir, 'bench-operator.kubeconfig');
  await writeFile(config, world.operatorConfig.exportConfig(), { mode: 0o600 });
  const main = join(import.meta.dirname, '..', '..', 'src', 'main.js');
  const child = spawn(process.execPath, [...NODE_FLAGS, main, '--kubeconfig', config, '--namespaces', namespace], {
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  await new Promise<void>((resolve, reject) => {
    child.once('exit', (code) => reject(new Error(`the operator ended with exit code ${code}`)));
    child.stderr.on('data', (data) => {
      if (String(data).includes('Caches filled')) resolve();
    });
  });
  return {
    pid: child.pid ?? 0,
    startMs: performance.now() - spawnedAt,
    end: async () => {
      child.kill('SIGTERM');
      await once(child, 'exit');
    },
  };
}

/** The same writes as the operator's, by a client that does nothing else. */
async function bareRun(namespace: string): Promise<{ seconds: number; writes: number }> {
  await world.kubectl('create', 'namespace', namespace);
  await using client = new BareClient(world.cluster.kubeConfig, CONNECTIONS);
  // What depends on the server's answers (uids) is worked out in the run; it is next to nothing.
  const startedAt = performance.now();
  let writes = 0;
  await inParallel(names(), CONNECTIONS, async (name) => {
    const send = (write: RawWrite) => {
      writes++;
      return client.send(write);
    };
    const stored = (await send(create(namespace, name))) as unknown as StoredObject<RestAPI>;
    const { uid } = stored.metadata;
    const path = resourcePath(TYPE, namespace, name);
    const finalizers = [FINALIZER];
    await send({ method: 'PATCH', path, contentType: MERGE, body: JSON.stringify({ metadata: { uid, finalizers } }) });
    for (const child of children(stored)) await send(child);
    const status = { phase: 'Progressing', replicas: 4, readyReplicas: 0, observedGeneration: 1 };
    await send({ method: 'PATCH', path: `${path}/status`, contentType: MERGE, body: JSON.stringify({ status }) });
  });
  return { seconds: (performance.now() - startedAt) / 1000, writes };
}

async function operatorRun(namespace: string) {
  await world.kubectl('create', 'namespace', namespace);
  const operator = await spawnOperator(namespace);
  const watcher = new ApiClient({ kubeConfig: world.cluster.kubeConfig, userAgent: 'bench' });
  const done = new Set<string>();
  const informer = new Informer<never>({ client: watcher, type: TYPE, namespace } as never);
  const finished = new Promise<void>((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error(`not done after ${RUN_DEADLINE_MS} ms`)), RUN_DEADLINE_MS);
    informer.subscribe(({ object }) => {
      const { metadata, status } = object as unknown as StoredObject<RestAPI>;
      if (status?.phase) done.add(metadata.name);
      if (done.size < count) return;
      clearTimeout(timer);
      resolve();
    });
  });
  informer.start();
  await informer.synced();
  const mark = await world.cluster.auditMark();
  const before = await usageOf(operator.pid);

  const startedAt = performance.now();
  await using client = new BareClient(world.cluster.kubeConfig, CONNECTIONS);
  await inParallel(names(), CONNECTIONS, async (name) => void (await client.send(create(namespace, name))));
  await finished;
  const seconds = (performance.now() - startedAt) / 1000;

  const after = await usageOf(operator.pid);
  await operator.end();
  await informer.stop();
  await watcher.close();
  const requests = (await world.cluster.auditSince(mark)).filter(({ user }) => user.username === OPERATOR_USER);
  const writes = requests.filter(isWrite).length;
  const generated = await world.list(
    GENERATED_KINDS,
    '-n',
    namespace,
    '-l',
    `app.kubernetes.io/managed-by=${OPERATOR_NAME}`,
  );
  if (generated.length !== count * CHILDREN)
    throw new Error(`${generated.length} objects instead of ${count * CHILDREN}`);
  return {
    seconds,
    writes,
    reads: requests.length - writes,
    cpuMs: before && after ? (after.cpuSeconds - before.cpuSeconds) * 1000 : undefined,
    peakRssMiB: after?.peakRssMiB,
    startMs: operator.startMs,
  };
}

function names(): string[] {
  return Array.from({ length: count }, (_, index) => `app-${index}`);
}

function create(namespace: string, name: string): RawWrite {
  const { apiVersion, kind } = TYPE;
  const spec = { image: 'registry.example.com/shop:1', envVars: { LOG_LEVEL: 'info' } };
  const body = JSON.stringify({ apiVersion, kind, metadata: { namespace, name }, spec });
  return { method: 'POST', path: resourcePath(TYPE, namespace), contentType: 'application/json', body };
}

/** The applies of everything generated for a stored RestAPI. */
function children(api: StoredObject<RestAPI>): RawWrite[] {
  return generatedFor(RestAPI, withDefaults(RestAPI, api), undefined, OPERATOR_NAME).map(
    ({ type, object }): RawWrite => {
      const { namespace, name } = object.metadata;
      const path = `${resourcePath(type, namespace, name)}?fieldManager=${OPERATOR_NAME}&force=true`;
      return { method: 'PATCH', path, contentType: APPLY, body: JSON.stringify(object) };
    },
  );
}
