import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { type Image, type ImageFiles, writeImages } from '../../../operator/testkit/image.ts';
import { runProgram } from '../../../operator/testkit/run-program.ts';
import { IMAGE_NODE, programFiles } from '../../../operator/testkit/runtime-files.ts';
import { packageRoot } from '../../package/package-root.ts';
import { SHOP_IMAGE, SHOP_VERSIONS, type ShopVersion } from './shop-versions.ts';

/**
 * Writes images of versions of examples/shop to one tar file; they share one layer, with the npm package `node` as runtime.
 *
 * @returns name, digest and size of each image
 * @throws Error on another system than Linux, and when examples/shop cannot be bundled
 */
export async function shopImages(path: string, versions: readonly ShopVersion[] = SHOP_VERSIONS): Promise<Image[]> {
  const root = packageRoot();
  await mkdir(dirname(path), { recursive: true });
  const folder = await mkdtemp(`${path}-`);
  try {
    const bundle = join(folder, 'shop.mjs');
    const { exitCode, stderr } = await runProgram(process.execPath, [join(root, 'examples/shop/build.ts'), bundle], {
      cwd: root,
    });
    if (exitCode !== 0) throw new Error(`examples/shop cannot be bundled: ${stderr.trim()}`);
    const files: ImageFiles = {
      ...(await programFiles(IMAGE_NODE, join(root, 'node_modules', 'node', 'bin', 'node'))),
      '/app/shop.mjs': { from: bundle, mode: 0o644 },
    };
    return await writeImages(
      path,
      versions.map(({ version, env }) => ({
        name: `${SHOP_IMAGE}:${version}`,
        entrypoint: [IMAGE_NODE, '--max-semi-space-size=2', '/app/shop.mjs'],
        env: { SHOP_VERSION: version, ...env },
        files,
      })),
    );
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
