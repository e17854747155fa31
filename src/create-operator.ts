import 'reflect-metadata';
import { Operator, type OperatorOptions } from '../operator/index.ts';
import { RestAPIController, type RestAPIControllerOptions } from './rest-api-controller.ts';
import { VERSION } from './version.ts';

/** Field manager of everything generated, and the operator's name in labels and Events. */
export const OPERATOR_NAME = 'restapi-operator';

export type { CheckOptions } from './checks/check-options.ts';

export interface RestAPIOperatorOptions
  extends Omit<OperatorOptions, 'name' | 'controllers' | 'userAgent'>,
    RestAPIControllerOptions {}

/** The RestAPI operator, ready to be started. @throws Error if the URL of Prometheus is none */
export function createOperator({ checks, scaling, ...options }: RestAPIOperatorOptions = {}): Operator {
  const controllers = [new RestAPIController({ checks, scaling })];
  return new Operator({ ...options, name: OPERATOR_NAME, userAgent: VERSION, controllers });
}
