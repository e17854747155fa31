import { createOperator } from 'restapi-operator';
import { runUntilSignal } from 'restapi-operator/operator';
// Importing the dependent registers it, next to those of the RestAPI operator.
import './model-ingress.ts';

await runUntilSignal(createOperator());
process.exit();
