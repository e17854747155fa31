import { Operator, runUntilSignal } from 'restapi-operator/operator';
import { CatalogController } from './catalog-controller.ts';

// Connects as kubectl does, or as the pod's ServiceAccount.
const operator = new Operator({ name: 'catalog-operator', controllers: [CatalogController] });

// Starts it. At SIGTERM or Ctrl-C, running handlers finish before this returns.
await runUntilSignal(operator);
process.exit();
