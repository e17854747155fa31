import { Operator, type OperatorOptions } from 'restapi-operator/operator';
import { WidgetController } from './controller.ts';

export const OPERATOR_NAME = 'widget-operator';
/** Namespace in which kustomize/base installs the operator. */
export const NAMESPACE = 'widget-operator-system';
export const CONTROLLERS = [WidgetController];

/** The operator, not started yet. */
export function createOperator(options: OperatorOptions = {}): Operator {
  return new Operator({ ...options, name: OPERATOR_NAME, controllers: CONTROLLERS });
}
