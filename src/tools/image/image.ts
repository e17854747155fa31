import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { packageRoot } from '../../package/package-root.ts';
import { operatorImage } from './operator-image.ts';

// `npm run image`: writes dist/image/restapi-operator.tar, or with `-- --runtime deno` dist/image/restapi-operator-deno.tar.
// Node runs this file uncompiled.
const { runtime, name } = parseArgs({
  options: { runtime: { type: 'string', default: 'node' }, name: { type: 'string' } },
}).values;
if (runtime !== 'node' && runtime !== 'deno') {
  console.error(`--runtime ${runtime}: unknown runtime; use node or deno`);
  process.exit(2);
}
const path = join('dist', 'image', `restapi-operator${runtime === 'deno' ? '-deno' : ''}.tar`);
const image = await operatorImage(join(packageRoot(), path), { runtime, ...(name && { name }) });
console.log(`${path}: ${image.name}, ${image.digest}, ${(image.bytes / 1e6).toFixed(0)} MB`);
