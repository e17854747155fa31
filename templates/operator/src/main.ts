import { randomUUID } from 'node:crypto';
import { runUntilSignal } from 'restapi-operator/operator';
import { createOperator, OPERATOR_NAME } from './operator.ts';

// Set by kustomize/base/deployment.yaml. Elsewhere (`npm start`) the operator runs alone, on the cluster of your kubeconfig.
const { POD_NAMESPACE, POD_NAME } = process.env;

const operator = createOperator(
  POD_NAMESPACE
    ? {
        healthAddress: ':8081',
        metricsAddress: ':8080',
        leaderElection: {
          namespace: POD_NAMESPACE,
          name: OPERATOR_NAME,
          identity: `${POD_NAME}_${randomUUID().slice(0, 8)}`,
        },
      }
    : {},
);
await runUntilSignal(operator);
process.exit();
