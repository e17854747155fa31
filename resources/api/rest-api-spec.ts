import { Type } from 'class-transformer';
import {
  ArrayMaxSize,
  IsArray,
  IsOptional,
  IsString,
  Matches,
  Max,
  MaxLength,
  Min,
  MinLength,
  ValidateNested,
} from 'class-validator';
import {
  Atomic,
  Cel,
  type CelRule,
  Default,
  Description,
  Int32,
  ListType,
  MapOf,
} from '../../operator/schema/index.ts';
import { AutoScalingSpec, DEFAULT_SCALE } from './auto-scaling-spec.ts';
import { BlueGreenSpec } from './blue-green-spec.ts';
import { COMPONENTS, type ComponentName } from './component-name.ts';
import { ControllerSpec, DEFAULT_PORTS, ModelSpec, RepositorySpec, ViewSpec } from './component-specs.ts';
import { HealthCheckSpec } from './health-check-spec.ts';
import { ObjectReference } from './object-reference.ts';
import { ObservabilitySpec } from './observability-spec.ts';
import { ENV_NAME_RULES, ENV_VALUE, ENV_VALUE_MAX_LENGTH } from './rules/env-name.ts';
import { envVarsFit } from './rules/env-size.ts';
import { IMAGE_MAX_LENGTH, IMAGE_MESSAGE, IMAGE_REFERENCE } from './rules/image-reference.ts';
import { DEFAULT_ACCESS_MODE } from './storage-spec.ts';

/** In CEL, as a component may be left out. */
const enabled = (component: ComponentName) => `self.?${component}.?enabled.orValue(true)`;
const port = (component: ComponentName) => `self.?${component}.?port.orValue(${DEFAULT_PORTS[component]})`;

/** Whether the repository's volume may be used by several pods, in CEL. */
const VOLUME_IS_SHARED = `self.?repository.?storage.?accessMode.orValue('${DEFAULT_ACCESS_MODE}') == 'ReadWriteMany'`;
const NO_VOLUME = '!self.?repository.?storage.hasValue()';

/** The preview Service has a port for each component, so no two components can share one. */
const portsDiffer: CelRule<RestAPISpec>[] = COMPONENTS.flatMap((later, index) =>
  COMPONENTS.slice(0, index).map((earlier) => ({
    rule: `!${enabled(earlier)} || !${enabled(later)} || ${port(earlier)} != ${port(later)}`,
    message: `equals spec.${earlier}.port: give each enabled component its own port`,
    fieldPath: `.${later}.port`,
    check: (spec) => !spec[earlier].enabled || !spec[later].enabled || spec[earlier].port !== spec[later].port,
  })),
);

const oneEnabled: CelRule<RestAPISpec> = {
  rule: COMPONENTS.map(enabled).join(' || '),
  message: 'all components are disabled: enable at least one (to stop the application, set spec.replicas to 0)',
  check: (spec) => COMPONENTS.some((name) => spec[name].enabled),
};

const volumeServesAll: CelRule<RestAPISpec> = {
  fieldPath: '.repository.storage.accessMode',
  rule: `${NO_VOLUME} || ${VOLUME_IS_SHARED} || self.?repository.?replicas.orValue(self.replicas) <= 1`,
  message: 'allows only a single pod: set spec.repository.replicas to 1 or use ReadWriteMany',
  check: ({ repository, replicas }) =>
    !repository.storage || repository.storage.accessMode === 'ReadWriteMany' || (repository.replicas ?? replicas) <= 1,
};

const volumeServesBoth: CelRule<RestAPISpec> = {
  fieldPath: '.repository.storage.accessMode',
  rule: `!self.?blueGreen.?enabled.orValue(false) || ${NO_VOLUME} || ${VOLUME_IS_SHARED}`,
  message:
    'allows only a single pod, but spec.blueGreen.enabled runs the old and the new version in parallel: use ReadWriteMany or set spec.blueGreen.enabled to false',
  check: ({ blueGreen, repository }) =>
    !blueGreen?.enabled || !repository.storage || repository.storage.accessMode === 'ReadWriteMany',
};

const volumeServesScaled: CelRule<RestAPISpec> = {
  fieldPath: '.autoScaling.repository.maxReplicas',
  rule: [
    '!has(self.autoScaling) || !self.autoScaling.?enabled.orValue(true)',
    '|| !self.autoScaling.?repository.?enabled.orValue(true)',
    `|| self.autoScaling.?repository.?maxReplicas.orValue(${DEFAULT_SCALE.repository.max}) <= 1`,
    `|| ${NO_VOLUME} || ${VOLUME_IS_SHARED}`,
  ].join(' '),
  message:
    'exceeds the single pod that the volume of spec.repository.storage allows: use accessMode ReadWriteMany or set spec.autoScaling.repository.enabled to false',
  check: ({ autoScaling, repository: { storage } }) =>
    !autoScaling?.enabled ||
    !autoScaling.repository.enabled ||
    autoScaling.repository.maxReplicas <= 1 ||
    !storage ||
    storage.accessMode === 'ReadWriteMany',
};

/** Desired state of a RestAPI. */
@Cel(...portsDiffer, oneEnabled, volumeServesAll, volumeServesBoth, volumeServesScaled)
export class RestAPISpec {
  @Description(
    'Container image of the application: [registry[:port]/]path[:tag][@digest]. All components run it; the environment variable COMPONENT holds the name of the component.',
  )
  @IsString()
  @MinLength(1)
  @MaxLength(IMAGE_MAX_LENGTH)
  @Matches(IMAGE_REFERENCE, { message: IMAGE_MESSAGE })
  image!: string;

  @Description('Image pull secrets of components that do not set their own.')
  @IsOptional()
  @IsArray()
  @ArrayMaxSize(16)
  @ValidateNested({ each: true })
  @Type(() => ObjectReference)
  @ListType('map', ['name'])
  imagePullSecrets?: ObjectReference[];

  @Description('Number of pods of each component that does not set its own. 0 stops the application.')
  @Default(1)
  @Int32()
  @Min(0)
  replicas!: number;

  /**
   * 10 by default: two more readiness probes must succeed after the first (every 5 seconds by default), and a container
   * that dies within 10 seconds never counts. The upper bound is that of a Deployment, whose progressDeadlineSeconds
   * (600) must be greater.
   */
  @Description(
    'Seconds that a pod must be ready without a restart before it counts as available, in rolling updates and releases. The default spans two more readiness probes after the first, so a version that dies within seconds is not promoted.',
  )
  @Default(10)
  @Int32()
  @Min(0)
  @Max(599)
  minReadySeconds!: number;

  @Description('Environment variables of all components. They are stored in a ConfigMap; do not put secrets here.')
  @IsOptional()
  @MapOf({
    keys: ENV_NAME_RULES,
    values: { type: 'string', maxLength: ENV_VALUE_MAX_LENGTH, pattern: ENV_VALUE.source },
    maxProperties: 500,
  })
  @Cel(envVarsFit)
  envVars?: Record<string, string>;

  @Description('The model: business logic. CPU-intensive.')
  @Default({})
  @ValidateNested()
  @Type(() => ModelSpec)
  model!: ModelSpec;

  @Description(
    'The view: templates and formatting. Memory-intensive; the component that can be exposed outside the cluster.',
  )
  @Default({})
  @ValidateNested()
  @Type(() => ViewSpec)
  view!: ViewSpec;

  @Description('The controller: routing and flow control. Balanced in CPU and memory.')
  @Default({})
  @ValidateNested()
  @Type(() => ControllerSpec)
  controller!: ControllerSpec;

  @Description('The repository: data access and caching. I/O-intensive.')
  @Default({})
  @ValidateNested()
  @Type(() => RepositorySpec)
  repository!: RepositorySpec;

  @Description('Autoscaling per component. If left out, the numbers of pods are fixed by replicas.')
  @Atomic()
  @IsOptional()
  @ValidateNested()
  @Type(() => AutoScalingSpec)
  autoScaling?: AutoScalingSpec;

  @Description('Default probes and healing of all components. Default: GET /health.')
  @Atomic()
  @IsOptional()
  @ValidateNested()
  @Type(() => HealthCheckSpec)
  healthCheck?: HealthCheckSpec;

  @Description('Tracing and metrics of the components.')
  @Atomic()
  @IsOptional()
  @ValidateNested()
  @Type(() => ObservabilitySpec)
  observability?: ObservabilitySpec;

  @Description('Blue-green releases. If left out, new versions are deployed by rolling updates.')
  @IsOptional()
  @ValidateNested()
  @Type(() => BlueGreenSpec)
  blueGreen?: BlueGreenSpec;
}
