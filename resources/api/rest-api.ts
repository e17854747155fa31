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
 * Children are named `<name>-<component>`, and Service names end at 63 characters. The longest child planned is
 * `<name>-repository-green`, which leaves 46. A bound can be widened later but never narrowed, so 40 it is: six
 * characters kept for a child nobody has thought of yet.
 */
export const NAME_MAX_LENGTH = 40;
const NAME = /^[a-z]([-a-z0-9]*[a-z0-9])?$/;

/** An MVC+R application: one image, up to four components, and what the operator makes of them. */
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
    { name: 'Phase', type: 'string', jsonPath: '.status.phase', description: 'The state in one word.' },
    { name: 'Ready', type: 'integer', jsonPath: '.status.readyReplicas', description: 'Pods that are ready.' },
    { name: 'Replicas', type: 'integer', jsonPath: '.status.replicas', description: 'Pods there should be.' },
    {
      name: 'Image',
      type: 'string',
      jsonPath: '.spec.image',
      description: 'The image all components run.',
      priority: 1,
    },
    { name: 'Age', type: 'date', jsonPath: '.metadata.creationTimestamp' },
  ],
})
@Cel<RestAPI>(
  {
    fieldPath: '.metadata.name',
    rule: `self.metadata.name.size() <= ${NAME_MAX_LENGTH}`,
    message: `may have at most ${NAME_MAX_LENGTH} characters: the names of the Services made from it are longer and end at 63`,
    check: ({ metadata }) => (metadata.name?.length ?? 0) <= NAME_MAX_LENGTH,
  },
  {
    fieldPath: '.metadata.name',
    rule: `self.metadata.name.matches('${NAME.source}')`,
    message: 'must consist of a-z, 0-9 and "-", start with a letter and not end with "-": Services are named after it',
    check: ({ metadata }) => NAME.test(metadata.name ?? ''),
  },
)
export class RestAPI {
  apiVersion!: string;
  kind!: string;
  metadata!: ObjectMeta;

  @Description(
    'What the application should be. Fields not listed here are dropped by the API server; kubectl refuses them, and so does any client that asks for fieldValidation=Strict.',
  )
  @ValidateNested()
  @Type(() => RestAPISpec)
  spec!: RestAPISpec;

  @Description('What the application is, as the operator last saw it.')
  @IsOptional()
  @ValidateNested()
  @Type(() => RestAPIStatus)
  status?: RestAPIStatus;
}
