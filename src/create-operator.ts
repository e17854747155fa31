import { type ExposedDashboard, Operator, type OperatorOptions } from '../operator/index.ts';
import { RestAPIController, type RestAPIControllerOptions } from './controller/rest-api-controller.ts';
import { pageFiles } from './dashboard/page-files.ts';
import { VERSION } from './package/version.ts';

/** Field manager of every generated object, and the name of the operator in labels and Events. */
export const OPERATOR_NAME = 'restapi-operator';

export type { CheckOptions } from './checks/check-options.ts';

export interface RestAPIOperatorOptions
  extends Omit<OperatorOptions, 'name' | 'controllers' | 'userAgent' | 'dashboard'>,
    RestAPIControllerOptions {
  /** Port of the dashboard on the loopback interface; 0 chooses a free one. Default: no dashboard. */
  dashboardPort?: number;
  /** Serves the dashboard beyond this machine as well, to users who may `get` the nonResourceURL `/dashboard`. Default: not. */
  exposedDashboard?: ExposedDashboard;
}

/** Name of the Secret with the key of the hashes of Secrets, in the operator's namespace. */
export const HASH_KEY_SECRET = 'restapi-operator-hash-key';

/** Namespace of the operator where none is configured. */
export const OPERATOR_NAMESPACE = 'restapi-system';

/** Creates the RestAPI operator without starting it. @throws Error if the URL of Prometheus is invalid */
export function createOperator({
  checks,
  scaling,
  maxReleases,
  releaseAuthor,
  prometheusNamespaces,
  dashboardPort,
  exposedDashboard,
  hashKey = { namespace: process.env.POD_NAMESPACE || OPERATOR_NAMESPACE, name: HASH_KEY_SECRET },
  ...options
}: RestAPIOperatorOptions = {}): Operator {
  const controller = new RestAPIController({
    checks,
    scaling,
    releaseAuthor,
    prometheusNamespaces,
    ...(maxReleases !== undefined && { maxReleases }),
  });
  const isServed = dashboardPort !== undefined || exposedDashboard !== undefined;
  const dashboard = isServed ? { port: dashboardPort, exposed: exposedDashboard, files: pageFiles() } : undefined;
  const operator = new Operator({
    ...options,
    hashKey,
    name: OPERATOR_NAME,
    userAgent: VERSION,
    controllers: [controller],
    dashboard,
  });
  controller.healer.showIn(operator.metrics.registry);
  controller.turns.showIn(operator.metrics.registry);
  return operator;
}
