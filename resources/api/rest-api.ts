import { Type } from 'class-transformer';
import { IsOptional, ValidateNested } from 'class-validator';
import type { ObjectMeta } from '../../operator/kubernetes-object.ts';
import { Cel, CustomResource, Description } from '../../operator/schema/index.ts';
import { RestAPISpec } from './rest-api-spec.ts';
import { RestAPIStatus } from './rest-api-status.ts';

export { COMPONENTS, type ComponentName } from './component-name.ts';
export type { ComponentSpec } from './component-spec.ts';
export type { EnvVar } from './env-var.ts';
export type { Amounts, ResourceAmounts } from './resource-amounts.ts';
export type { RestAPISpec } from './rest-api-spec.ts';
export type { ComponentStatus, RestAPIStatus } from './rest-api-status.ts';

/**
 * Service names have at most 63 characters. The longest generated one is `<name>-repository-green`, which leaves 46.
 * The limit can be raised later but not lowered, so six characters are reserved for future names.
 */
export const NAME_MAX_LENGTH = 40;
const NAME = /^[a-z]([-a-z0-9]*[a-z0-9])?$/;

/** An MVC+R application: one image that runs as up to four components. */
@Description('A RestAPI is an MVC+R application: one image that runs as model, view, controller and repository.')
@CustomResource({
  group: 'restapi.dev',
  version: 'v1alpha1',
  kind: 'RestAPI',
  plural: 'restapis',
  shortNames: ['ra'],
  categories: ['all'],
  scope: 'Namespaced',
  status: true,
  printerColumns: [
    { name: 'Phase', type: 'string', jsonPath: '.status.phase', description: 'Overall state.' },
    { name: 'Ready', type: 'integer', jsonPath: '.status.readyReplicas', description: 'Number of ready pods.' },
    { name: 'Replicas', type: 'integer', jsonPath: '.status.replicas', description: 'Desired number of pods.' },
    {
      name: 'Image',
      type: 'string',
      jsonPath: '.spec.image',
      description: 'Container image of the application.',
      priority: 1,
    },
    { name: 'Age', type: 'date', jsonPath: '.metadata.creationTimestamp' },
  ],
})
@Cel<RestAPI>(
  {
    fieldPath: '.metadata.name',
    rule: `self.metadata.name.size() <= ${NAME_MAX_LENGTH}`,
    message: `must have at most ${NAME_MAX_LENGTH} characters: Service names derived from it are longer and limited to 63`,
    check: ({ metadata }) => (metadata.name?.length ?? 0) <= NAME_MAX_LENGTH,
  },
  {
    fieldPath: '.metadata.name',
    rule: `self.metadata.name.matches('${NAME.source}')`,
    message:
      'must consist of a-z, 0-9 and "-", start with a letter and not end with "-": Service names are derived from it',
    check: ({ metadata }) => NAME.test(metadata.name ?? ''),
  },
)
export class RestAPI {
  apiVersion!: string;
  kind!: string;
  metadata!: ObjectMeta;

  @Description(
    'Desired state of the application. The API server drops unknown fields; under fieldValidation=Strict, the default of kubectl, it rejects them.',
  )
  @ValidateNested()
  @Type(() => RestAPISpec)
  spec!: RestAPISpec;

  @Description('Observed state of the application. Written by the operator.')
  @IsOptional()
  @ValidateNested()
  @Type(() => RestAPIStatus)
  status?: RestAPIStatus;
}
