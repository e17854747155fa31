import { spawn } from 'node:child_process';
import { mkdir, mkdtemp, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { KubeConfig } from '@kubernetes/client-node';
import { runProgram } from '../../operator/testkit/run-program.ts';
import { OperatorProcess } from './operator-cluster.ts';

const SECRETS = 'var/run/secrets/kubernetes.io/serviceaccount';

/** Whether this process may run images: mounts and chroot need root on Linux. */
export const canRunImages = process.platform === 'linux' && process.getuid?.() === 0;

/** An image on disk, which can be run as a container runtime would: its files alone, read-only, as its user. */
export class UnpackedImage {
  readonly root: string;
  readonly entrypoint: string[];
  readonly #user: string;

  private constructor(root: string, { Entrypoint, User }: { Entrypoint: string[]; User: string }) {
    this.root = root;
    this.entrypoint = Entrypoint;
    this.#user = User;
  }

  /** @param folder a new folder of the image is made in it */
  static async unpack(image: string, folder: string): Promise<UnpackedImage> {
    const layout = await mkdtemp(join(folder, 'image-'));
    await tar(['-xf', image, '-C', layout]);
    const json = async (path: string) => JSON.parse(await readFile(join(layout, path), 'utf8'));
    const blob = ({ digest }: { digest: string }) => join('blobs', digest.replace(':', '/'));
    const index = await json('index.json');
    const manifest = await json(blob(index.manifests[0]));
    const { config } = await json(blob(manifest.config));
    const root = join(layout, 'root');
    for (const path of ['proc', 'dev', SECRETS]) await mkdir(join(root, path), { recursive: true });
    await tar(['-xpf', join(layout, blob(manifest.layers[0])), '-C', root]);
    return new UnpackedImage(root, config);
  }

  /** Gives it what the kubelet mounts into a pod, and returns the variables that it sets. */
  async mountServiceAccount(kubeConfig: KubeConfig): Promise<Record<string, string>> {
    const { server, caData } = kubeConfig.getCurrentCluster() ?? {};
    const { token } = kubeConfig.getCurrentUser() ?? {};
    const { hostname, port } = new URL(server ?? '');
    await writeFile(join(this.root, SECRETS, 'token'), token ?? '');
    await writeFile(join(this.root, SECRETS, 'ca.crt'), Buffer.from(caData ?? '', 'base64'));
    await writeFile(join(this.root, SECRETS, 'namespace'), 'restapi-system');
    return { KUBERNETES_SERVICE_HOST: hostname, KUBERNETES_SERVICE_PORT: port, POD_NAMESPACE: 'restapi-system' };
  }

  /** Runs a command in it, by default its entrypoint, with these variables alone. */
  start(args: string[], env: Record<string, string>, command = this.entrypoint): OperatorProcess {
    const child = spawn('/usr/bin/unshare', this.#isolated([...command, ...args]), {
      env,
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    const log = `${this.root}-${child.pid}.log`;
    return new OperatorProcess(child, log);
  }

  /** Runs a command in it to its end. */
  run(command: string[], env: NodeJS.ProcessEnv = {}) {
    return runProgram('/usr/bin/unshare', this.#isolated(command), { env });
  }

  /** One process from beginning to end, so that signals reach the program. */
  #isolated(command: string[]): string[] {
    const script = [
      'mount --bind "$1" "$1" && mount --bind /dev "$1/dev" && mount -t proc proc "$1/proc"',
      'mount -o remount,bind,ro "$1"',
      'user=$2 root=$1; shift 2; exec chroot --userspec="$user" "$root" "$@"',
    ].join(' && ');
    return ['--mount', '/bin/sh', '-c', script, 'sh', this.root, this.#user, ...command];
  }
}

async function tar(args: string[]): Promise<void> {
  const { exitCode, stderr } = await runProgram('tar', args);
  if (exitCode !== 0) throw new Error(`tar ${args.join(' ')}: ${stderr}`);
}
