import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type ControlPlane, IMAGE_NODE, nodeRuntimeFiles, writeImage } from '../../../operator/testkit/index.ts';
import { eventually } from '../eventually.ts';
import { kubectl } from '../kubectl.ts';

const IMAGE = 'web:1';
const TOKEN_FOLDER = '/var/run/secrets/kubernetes.io/serviceaccount';

/** The image of web.ts in a tar file of its own folder. */
export async function webImage(): Promise<{ tar: string } & AsyncDisposable> {
  const folder = await mkdtemp(join(tmpdir(), 'web-image-'));
  const tar = join(folder, 'web.tar');
  await writeImage(tar, {
    name: IMAGE,
    entrypoint: [IMAGE_NODE, '/app/web.ts'],
    env: { NODE_EXTRA_CA_CERTS: `${TOKEN_FOLDER}/ca.crt` },
    files: { ...(await nodeRuntimeFiles()), '/app/web.ts': { from: join(import.meta.dirname, 'web.ts') } },
  });
  return { tar, [Symbol.asyncDispose]: () => rm(folder, { recursive: true, force: true }) };
}

/** What a pod of web.ts may be given. */
export interface WebOptions {
  /** The node it is bound to. Default: the scheduler decides. */
  node?: string;
  /** Added to the pod's spec. */
  spec?: object;
  /** Added to the container. */
  container?: object;
}

export function webPodSpec({ node, spec, container }: WebOptions = {}): Record<string, unknown> {
  return {
    ...(node && { nodeName: node }),
    terminationGracePeriodSeconds: 2,
    containers: [
      {
        name: 'web',
        image: IMAGE,
        ports: [{ containerPort: 8080 }],
        readinessProbe: { httpGet: { path: '/', port: 8080 }, periodSeconds: 1 },
        ...container,
      },
    ],
    ...spec,
  };
}

/**
 * Creates a pod of web.ts, and a Service of its name, and waits until it is ready. Its Service leads to it a moment later: see
 * {@link untilServed}.
 */
export async function startWeb(cluster: ControlPlane, name: string, options: WebOptions = {}): Promise<void> {
  const metadata = { name, labels: { app: name } };
  const ports = [{ name: 'http', port: 80, targetPort: 8080 }];
  await create(cluster, { apiVersion: 'v1', kind: 'Service', metadata, spec: { selector: metadata.labels, ports } });
  await create(cluster, { apiVersion: 'v1', kind: 'Pod', metadata, spec: webPodSpec(options) });
  await untilReady(cluster, `pod/${name}`);
}

export async function create(cluster: ControlPlane, object: object): Promise<void> {
  await kubectl(cluster, ['create', '-f', '-'], JSON.stringify(object));
}

export async function untilReady(cluster: ControlPlane, what: string): Promise<void> {
  try {
    await kubectl(cluster, ['wait', '--for=condition=Ready', what, '--timeout=120s']);
  } catch (error) {
    const { stdout } = await cluster.kubectl(['describe', what]);
    throw new Error(`${(error as Error).message}\n${stdout}`, { cause: error });
  }
}

/**
 * Waits until the Services of pods of web.ts lead to them: for the test, and by their names for pods of web.ts. A pod is ready a
 * moment before the EndpointSlice, the kube-proxy of each node and CoreDNS have taken that up.
 *
 * @param from pods that ask, on the nodes from which the Services are to be reached
 * @throws after a minute, with the last answer
 */
export async function untilServed(cluster: ControlPlane, names: string[], from: string[] = []): Promise<void> {
  const served = async (what: string, asked: () => Promise<Answer>) => {
    let last: Answer | undefined;
    const check = async () => {
      last = await asked();
      return last.pod !== undefined || last.status === 200;
    };
    await eventually(check, { what }).catch((cause) => {
      throw new Error(`${cause.message}: ${JSON.stringify(last)}`, { cause });
    });
  };
  for (const name of names) {
    const service = await fieldOf(cluster, `service ${name}`, '{.spec.clusterIP}');
    await served(`Service ${name} leads to its pod`, () => ask(cluster, `${service}:80`, '/'));
    for (const pod of from) {
      const ip = await fieldOf(cluster, `pod ${pod}`, '{.status.podIP}');
      const url = encodeURIComponent(`http://${name}.default.svc.cluster.local/`);
      await served(`pod ${pod} reaches Service ${name}`, () => ask(cluster, `${ip}:8080`, `/fetch?url=${url}`));
    }
  }
}

/** A field of an object, by its JSONPath. */
export async function fieldOf(cluster: ControlPlane, what: string, path: string): Promise<string> {
  return kubectl(cluster, ['get', ...what.split(' '), `-o=jsonpath=${path}`]);
}

/** The answer of a web.ts at `host:port` in the nodes' network to a request of the test. @throws Error when it cannot be asked */
export async function ask(cluster: ControlPlane, target: string, path: string): Promise<Answer> {
  await using port = await cluster.forward(target);
  const answer = await fetch(`http://127.0.0.1:${port.port}${path}`, { signal: AbortSignal.timeout(10_000) });
  return (await answer.json()) as Answer;
}

/** What web.ts answers: to `/fetch` status and body of the other's answer. */
export interface Answer {
  pod?: string;
  status?: number;
  body?: string;
  message?: string;
  code?: string;
}
