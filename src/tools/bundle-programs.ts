import { bundlePrograms } from './bundle-operator.ts';

// The last step of `npm run build`.
await bundlePrograms();
