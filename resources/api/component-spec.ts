import { Type } from 'class-transformer';
import {
  ArrayMaxSize,
  IsArray,
  IsBoolean,
  IsIn,
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
import { Affinity } from './affinity.ts';
import { EnvSource } from './env-source.ts';
import { EnvVar } from './env-var.ts';
import { ObjectReference } from './object-reference.ts';
import { ProbesSpec } from './probe-spec.ts';
import { ResourceAmounts } from './resource-amounts.ts';
import { CommandWords } from './rules/command-words.ts';
import { envFits } from './rules/env-size.ts';
import { IMAGE_MAX_LENGTH, IMAGE_MESSAGE, IMAGE_REFERENCE } from './rules/image-reference.ts';
import { LABELS, POD_ANNOTATIONS, POD_LABELS } from './rules/label-rules.ts';
import { OBJECT_NAME, OBJECT_NAME_MAX_LENGTH, OBJECT_NAME_MESSAGE } from './rules/object-name.ts';
import { SecuritySpec } from './security-spec.ts';
import { ServiceSpec } from './service-spec.ts';
import { Toleration } from './toleration.ts';
import { spreadsDiffer, TopologySpread } from './topology-spread.ts';

export const PULL_POLICIES = ['Always', 'IfNotPresent', 'Never'] as const;
const MAX_WORDS = 64;

const drainEnds: CelRule<ComponentSpec> = {
  fieldPath: '.drainSeconds',
  rule: 'self.drainSeconds == 0 || self.drainSeconds < self.terminationGracePeriodSeconds',
  message: 'must be less than terminationGracePeriodSeconds, or the pod is killed before it receives SIGTERM: lower it',
  check: ({ drainSeconds, terminationGracePeriodSeconds }) =>
    drainSeconds === 0 || drainSeconds < terminationGracePeriodSeconds,
};

/** Settings that all components share. The subclasses add the defaults of each component. */
@Cel(drainEnds)
export class ComponentSpec {
  @Description('Whether the component is deployed. A disabled component has no Deployment and no Service.')
  @Default(true)
  @IsBoolean()
  enabled!: boolean;

  @Description('Image of this component. Overrides spec.image.')
  @IsOptional()
  @IsString()
  @MinLength(1)
  @MaxLength(IMAGE_MAX_LENGTH)
  @Matches(IMAGE_REFERENCE, { message: IMAGE_MESSAGE })
  image?: string;

  @Description(
    'Image pull policy. Default: Always for the tag latest and for images without tag and digest, otherwise IfNotPresent.',
  )
  @IsOptional()
  @IsString()
  @IsIn(PULL_POLICIES)
  imagePullPolicy?: (typeof PULL_POLICIES)[number];

  @Description(
    'Image pull secrets of this component. Overrides spec.imagePullSecrets. An empty list counts as left out.',
  )
  @IsOptional()
  @IsArray()
  @ArrayMaxSize(16)
  @ValidateNested({ each: true })
  @Type(() => ObjectReference)
  @ListType('map', ['name'])
  imagePullSecrets?: ObjectReference[];

  @Description("Command of the container. Overrides the image's entrypoint. Not run in a shell.")
  @CommandWords({ most: MAX_WORDS })
  command?: string[];

  @Description("Arguments of the command. Overrides the image's default arguments.")
  @CommandWords({ most: MAX_WORDS })
  args?: string[];

  @Description(
    'Port the component listens on; passed to the container as PORT. Must differ between enabled components.',
  )
  @Int32()
  @Min(1)
  @Max(65535)
  port!: number;

  @Description('Number of pods of this component. Overrides spec.replicas.')
  @IsOptional()
  @Int32()
  @Min(0)
  replicas?: number;

  @Description(
    'Resource requests and limits of each pod. Replaces the default as a whole; {} sets no requests and no limits.',
  )
  @Atomic()
  @ValidateNested()
  @Type(() => ResourceAmounts)
  resources!: ResourceAmounts;

  @Description('Environment variables of this component. They override variables of the same name in spec.envVars.')
  @IsOptional()
  @IsArray()
  @ArrayMaxSize(100)
  @ValidateNested({ each: true })
  @Type(() => EnvVar)
  @ListType('map', ['name'])
  @Cel(envFits)
  env?: EnvVar[];

  @Description(
    'ConfigMaps and Secrets whose entries become environment variables of this component. Later sources override earlier ones, and env overrides all of them.',
  )
  @IsOptional()
  @IsArray()
  @ArrayMaxSize(16)
  @ValidateNested({ each: true })
  @Type(() => EnvSource)
  @ListType('atomic')
  envFrom?: EnvSource[];

  @Description('Liveness, readiness and startup probes. Default: GET /health on the port of the component.')
  @Atomic()
  @IsOptional()
  @ValidateNested()
  @Type(() => ProbesSpec)
  probes?: ProbesSpec;

  @Description('Service of the component.')
  @Atomic()
  @Default({})
  @ValidateNested()
  @Type(() => ServiceSpec)
  service!: ServiceSpec;

  @Description('Labels that a node must have to run pods of this component.')
  @IsOptional()
  @MapOf(LABELS)
  nodeSelector?: Record<string, string>;

  @Description("Tolerations of the component's pods.")
  @IsOptional()
  @IsArray()
  @ArrayMaxSize(16)
  @ValidateNested({ each: true })
  @Type(() => Toleration)
  @ListType('atomic')
  tolerations?: Toleration[];

  @Description('Scheduling rules for nodes and for other pods.')
  @Atomic()
  @IsOptional()
  @ValidateNested()
  @Type(() => Affinity)
  affinity?: Affinity;

  @Description('Spread of the pods over nodes or zones.')
  @IsOptional()
  @IsArray()
  @ArrayMaxSize(8)
  @ValidateNested({ each: true })
  @Type(() => TopologySpread)
  @ListType('atomic')
  @Cel(spreadsDiffer)
  topologySpread?: TopologySpread[];

  @Description('Security context, within the Pod Security Standard restricted.')
  @Atomic()
  @IsOptional()
  @ValidateNested()
  @Type(() => SecuritySpec)
  securityContext?: SecuritySpec;

  @Description(
    'ServiceAccount of the pods. Its automountServiceAccountToken decides whether they get a token. Default: a generated ServiceAccount without permissions and without a token.',
  )
  @IsOptional()
  @IsString()
  @MinLength(1)
  @MaxLength(OBJECT_NAME_MAX_LENGTH)
  @Matches(OBJECT_NAME, { message: OBJECT_NAME_MESSAGE })
  serviceAccountName?: string;

  @Description('Labels added to the pods, for example for a service mesh.')
  @IsOptional()
  @MapOf(POD_LABELS)
  podLabels?: Record<string, string>;

  @Description('Annotations added to the pods, for example for a service mesh.')
  @IsOptional()
  @MapOf(POD_ANNOTATIONS)
  podAnnotations?: Record<string, string>;

  @Description('Seconds that a pod has to terminate, drainSeconds included, before it is killed.')
  @Default(30)
  @Int32()
  @Min(0)
  @Max(3_600)
  terminationGracePeriodSeconds!: number;

  @Description(
    'Seconds that a terminating pod keeps serving before it receives SIGTERM, so that clients and load balancers stop sending requests to it. Part of terminationGracePeriodSeconds.',
  )
  @Default(5)
  @Int32()
  @Min(0)
  @Max(3_600)
  drainSeconds!: number;
}
