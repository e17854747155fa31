import type { ControlPlane } from '../../../operator/testkit/index.ts';
import { IMAGE_NODE } from '../../../operator/testkit/index.ts';
import { kubectl } from '../kubectl.ts';

/** Opens a connection to each `HOST:PORT` and prints what came of it. */
const PROBE = `
const { lookup } = require('node:dns/promises');
const probe = async (target) => {
  const [host, port] = target.split(':');
  const { address } = await lookup(host);
  return new Promise((resolve) => {
    const socket = require('node:net').connect(Number(port), address);
    socket.setTimeout(3000, () => resolve('no'));
    socket.once('connect', () => resolve('yes'));
    socket.once('error', ({ code }) => resolve(code));
  });
};
const targets = process.argv.slice(1);
Promise.all(targets.map((target) => probe(target).catch(({ code, message }) => code ?? message))).then((results) => {
  console.log(JSON.stringify(results));
  process.exit();
});
`;

/** A pod from which connections are tried. */
export interface Source {
  namespace?: string;
  pod: string;
}

/**
 * What comes of a connection from a pod to each target: `yes`; `no` if nothing answers in 3 s, as with a policy that does not admit it;
 * else the error's code, for example of a name that cannot be resolved.
 *
 * @param targets names for the result, with `HOST:PORT`
 */
export async function reachable(
  cluster: ControlPlane,
  { namespace = 'default', pod }: Source,
  targets: Readonly<Record<string, string>>,
): Promise<Record<string, string>> {
  const command = [IMAGE_NODE, '-e', PROBE, ...Object.values(targets)];
  const results: string[] = JSON.parse(await kubectl(cluster, ['exec', '-n', namespace, pod, '--', ...command]));
  return Object.fromEntries(Object.keys(targets).map((name, index) => [name, results[index] ?? 'missing']));
}

/** A pod that does nothing but accept connections on port 8080, from an image with Node. */
export function idlePod(name: string, image: string, namespace: string, labels: Record<string, string> = {}): object {
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name, namespace, labels },
    spec: {
      terminationGracePeriodSeconds: 0,
      containers: [
        { name: 'idle', image, command: [IMAGE_NODE, '-e', `require('node:net').createServer().listen(8080)`] },
      ],
    },
  };
}
