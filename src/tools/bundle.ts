import { join } from 'node:path';
import { packageRoot } from '../package/package-root.ts';
import { bundleOperator } from './bundle-operator.ts';

// `npm run bundle`. Node runs this file uncompiled, so that an image build needs no other build.
await bundleOperator(join(packageRoot(), 'dist', 'bundle', 'restapi-operator.mjs'));
