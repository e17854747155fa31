import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { packageRoot } from '../package/package-root.ts';
import { VERSION } from '../package/version.ts';
import { bundleOperator } from './bundle-operator.ts';
import { readLockfile } from './supply-chain/lockfile.ts';
import { sbom } from './supply-chain/sbom.ts';
import { sourceDate } from './supply-chain/source-date.ts';

// `npm run bundle`: the operator in one file, the licenses of what is in it, and its software bill of materials. Node runs this
// file uncompiled, so that an image build needs no other build.
const root = packageRoot();
const bundle = join(root, 'dist', 'bundle', 'restapi-operator.mjs');
const date = sourceDate();
const contents = await bundleOperator(bundle);
await writeFile(
  join(root, 'dist', 'bundle', 'restapi-operator.cdx.json'),
  sbom({ version: VERSION, contents, lockfile: readLockfile(root), date }),
);
