import { join } from 'node:path';
import { type Image, type ImageFiles, writeImage } from '../../../operator/testkit/image.ts';
import { packageRoot } from '../../package/package-root.ts';
import { VERSION } from '../../package/version.ts';
import { bundleOperator } from '../bundle-operator.ts';
import { readLockfile } from '../supply-chain/lockfile.ts';
import { sbom } from '../supply-chain/sbom.ts';
import { sourceDate } from '../supply-chain/source-date.ts';
import { imageComponents } from './image-components.ts';
import { RUNTIME_PROGRAM, type Runtime, runtimeFiles } from './runtime.ts';
import { withFolderNextTo } from './with-folder-next-to.ts';

export interface OperatorImageOptions {
  /** By default `restapi-operator:VERSION`, and `restapi-operator:VERSION-deno` for Deno. */
  name?: string;
  /** The version the operator reports, by default the package's; another one plays a previous or a next release. */
  version?: string;
  /** By default `node`. */
  runtime?: Runtime;
}

/**
 * Writes the operator's image to a tar file: bundle, runtime (from an npm package) and the shared libraries that
 * it needs, from this machine, with their licenses and a software bill of materials. It runs as the user 65532 with a read-only
 * root file system. The same source on the same machine gives the same bytes; SOURCE_DATE_EPOCH sets the time in it.
 *
 * @returns name, digest and size
 * @throws Error on another system than Linux, when the runtime is not installed, and when a package must not be bundled
 * @example
 * ```ts
 * await operatorImage('/tmp/previous.tar', { version: '0.0.9' }); // restapi-operator:0.0.9
 * ```
 */
export async function operatorImage(path: string, options: OperatorImageOptions = {}): Promise<Image> {
  const { runtime = 'node', version = VERSION } = options;
  const created = sourceDate();
  const name = options.name ?? `restapi-operator:${version}${runtime === 'deno' ? '-deno' : ''}`;
  return withFolderNextTo(path, async (folder) => {
    const bundle = join(folder, 'restapi-operator.mjs');
    const contents = await bundleOperator(bundle, { version });
    const fromMachine = await runtimeFiles(runtime);
    const lockfile = readLockfile(packageRoot());
    const { components, licenses } = await imageComponents(runtime, fromMachine, lockfile);
    const files: ImageFiles = {
      ...fromMachine,
      ...licenses,
      [OPERATOR]: { from: bundle, mode: 0o644 },
      [`${OPERATOR}.LEGAL.txt`]: { from: `${bundle}.LEGAL.txt`, mode: 0o644 },
      '/app/LICENSE': { from: join(packageRoot(), 'LICENSE'), mode: 0o644 },
      [SBOM]: { text: sbom({ version, contents, lockfile, others: components, date: created }) },
    };
    return writeImage(path, { name, entrypoint: ENTRYPOINT[runtime], files, ...(created && { created }) });
  });
}

const OPERATOR = '/app/restapi-operator.mjs';
/** Scanners find files of this ending in an image. */
const SBOM = '/app/restapi-operator.cdx.json';

const ENTRYPOINT: Record<Runtime, string[]> = {
  // As in the Dockerfile.
  node: [RUNTIME_PROGRAM.node, '--max-semi-space-size=2', OPERATOR],
  deno: [
    RUNTIME_PROGRAM.deno,
    'run',
    '--no-prompt',
    // Nothing is looked up or cached outside the bundle.
    '--no-remote',
    '--no-config',
    '--no-lock',
    '--no-code-cache',
    '--v8-flags=--max-semi-space-size=2',
    '--allow-net',
    '--allow-env',
    // What the search for the kubeconfig and the identity in the leader election ask for.
    '--allow-sys=hostname,homedir,uid,gid',
    '--allow-read=/var/run/secrets/kubernetes.io/serviceaccount',
    OPERATOR,
  ],
};
