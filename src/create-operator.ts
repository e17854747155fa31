import 'reflect-metadata';
import { Operator, type OperatorOptions } from '../operator/index.ts';
import { RestAPIController } from './rest-api-controller.ts';
import { VERSION } from './version.ts';

/** Field manager of everything generated, and the operator's name in labels and Events. */
export const OPERATOR_NAME = 'restapi-operator';

/** The RestAPI operator, ready to be started. */
export function createOperator(options: Omit<OperatorOptions, 'name' | 'controllers' | 'userAgent'> = {}): Operator {
  return new Operator({ ...options, name: OPERATOR_NAME, userAgent: VERSION, controllers: [RestAPIController] });
}
