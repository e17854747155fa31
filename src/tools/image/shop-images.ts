import { join } from 'node:path';
import { type Image, type ImageFiles, writeImages } from '../../../operator/testkit/image.ts';
import { runProgram } from '../../../operator/testkit/run-program.ts';
import { packageRoot } from '../../package/package-root.ts';
import { RUNTIME_PROGRAM, runtimeFiles } from './runtime.ts';
import { SHOP_IMAGE, SHOP_VERSIONS, type ShopVersion } from './shop-versions.ts';
import { withFolderNextTo } from './with-folder-next-to.ts';

/**
 * Writes images of versions of examples/shop to one tar file; they share one layer, with the npm package `node` as runtime.
 *
 * @returns name, digest and size of each image
 * @throws Error on another system than Linux, and when examples/shop cannot be bundled
 */
export async function shopImages(path: string, versions: readonly ShopVersion[] = SHOP_VERSIONS): Promise<Image[]> {
  const root = packageRoot();
  return withFolderNextTo(path, async (folder) => {
    const bundle = join(folder, 'shop.mjs');
    const build = [join(root, 'examples/shop/build.ts'), bundle];
    const { exitCode, stderr } = await runProgram(process.execPath, build, { cwd: root });
    if (exitCode !== 0) throw new Error(`examples/shop cannot be bundled: ${stderr.trim()}`);
    const files: ImageFiles = { ...(await runtimeFiles('node')), '/app/shop.mjs': { from: bundle, mode: 0o644 } };
    return writeImages(
      path,
      versions.map(({ version, env }) => ({
        name: `${SHOP_IMAGE}:${version}`,
        entrypoint: [RUNTIME_PROGRAM.node, '--max-semi-space-size=2', '/app/shop.mjs'],
        env: { SHOP_VERSION: version, ...env },
        files,
      })),
    );
  });
}
