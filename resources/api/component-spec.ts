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
import { Cel, type CelRule, Default, Description, Int32, ListType, MapOf } from '../../operator/schema/index.ts';
import { Affinity } from './affinity.ts';
import { EnvSource } from './env-source.ts';
import { EnvVar } from './env-var.ts';
import { ObjectReference } from './object-reference.ts';
import { ProbesSpec } from './probe-spec.ts';
import { ResourceAmounts } from './resource-amounts.ts';
import { envFits } from './rules/env-size.ts';
import { IMAGE_MAX_LENGTH, IMAGE_MESSAGE, IMAGE_REFERENCE } from './rules/image-reference.ts';
import { LABELS, POD_ANNOTATIONS, POD_LABELS } from './rules/label-rules.ts';
import { OBJECT_NAME, OBJECT_NAME_MAX_LENGTH, OBJECT_NAME_MESSAGE } from './rules/object-name.ts';
import { SecuritySpec } from './security-spec.ts';
import { ServiceSpec } from './service-spec.ts';
import { Toleration } from './toleration.ts';
import { TopologySpread } from './topology-spread.ts';

export const PULL_POLICIES = ['Always', 'IfNotPresent', 'Never'] as const;
const MAX_WORDS = 64;
const MAX_WORD_LENGTH = 4_096;

const drainEnds: CelRule<ComponentSpec> = {
  fieldPath: '.drainSeconds',
  // The server tries a default such as {} before it fills in the defaults within.
  rule: '!has(self.drainSeconds) || self.drainSeconds == 0 || self.drainSeconds < self.terminationGracePeriodSeconds',
  message: 'must be less than terminationGracePeriodSeconds, or the pod is killed before it was told to end: lower it',
  check: ({ drainSeconds, terminationGracePeriodSeconds }) =>
    drainSeconds === 0 || drainSeconds < terminationGracePeriodSeconds,
};

/** What can be said of each component. The components' own classes add their defaults. */
@Cel(drainEnds)
export class ComponentSpec {
  @Description('Whether the component runs. A disabled component has no Deployment and no Service.')
  @Default(true)
  @IsBoolean()
  enabled!: boolean;

  @Description('Image of this component, instead of spec.image.')
  @IsOptional()
  @IsString()
  @MinLength(1)
  @MaxLength(IMAGE_MAX_LENGTH)
  @Matches(IMAGE_REFERENCE, { message: IMAGE_MESSAGE })
  image?: string;

  @Description(
    "When nodes pull the image. Kubernetes' own rule if left out: always for the tag latest, else if not present.",
  )
  @IsOptional()
  @IsString()
  @IsIn(PULL_POLICIES)
  imagePullPolicy?: (typeof PULL_POLICIES)[number];

  @Description('Secrets to pull the image with, instead of spec.imagePullSecrets.')
  @IsOptional()
  @IsArray()
  @ArrayMaxSize(16)
  @ValidateNested({ each: true })
  @Type(() => ObjectReference)
  @ListType('map', ['name'])
  imagePullSecrets?: ObjectReference[];

  @Description("Program to run, instead of the image's entry point; not run in a shell.")
  @IsOptional()
  @IsArray()
  @ArrayMaxSize(MAX_WORDS)
  @IsString({ each: true })
  @MaxLength(MAX_WORD_LENGTH, { each: true })
  command?: string[];

  @Description("Arguments of the program, instead of the image's own.")
  @IsOptional()
  @IsArray()
  @ArrayMaxSize(MAX_WORDS)
  @IsString({ each: true })
  @MaxLength(MAX_WORD_LENGTH, { each: true })
  args?: string[];

  @Description('Port the component listens on; it is told in PORT. Enabled components need different ports.')
  @Int32()
  @Min(1)
  @Max(65535)
  port!: number;

  @Description('Number of pods of this component, instead of spec.replicas.')
  @IsOptional()
  @Int32()
  @Min(0)
  replicas?: number;

  @Description(
    'CPU and memory of each pod. What is given replaces the default as a whole; {} means no requests and no limits.',
  )
  @ValidateNested()
  @Type(() => ResourceAmounts)
  resources!: ResourceAmounts;

  @Description('Environment variables of this component alone; each overrides one of the same name in spec.envVars.')
  @IsOptional()
  @IsArray()
  @ArrayMaxSize(100)
  @ValidateNested({ each: true })
  @Type(() => EnvVar)
  @ListType('map', ['name'])
  @Cel(envFits)
  env?: EnvVar[];

  @Description(
    'ConfigMaps and Secrets whose entries become environment variables of this component. A later one wins over an earlier one, env over all of them. When one changes, the pods are replaced.',
  )
  @IsOptional()
  @IsArray()
  @ArrayMaxSize(16)
  @ValidateNested({ each: true })
  @Type(() => EnvSource)
  @ListType('atomic')
  envFrom?: EnvSource[];

  @Description(
    'How Kubernetes finds out whether pods are well: GET /health on the port, unless something else is said.',
  )
  @IsOptional()
  @ValidateNested()
  @Type(() => ProbesSpec)
  probes?: ProbesSpec;

  @Description('How the component is reached.')
  @Default({})
  @ValidateNested()
  @Type(() => ServiceSpec)
  service!: ServiceSpec;

  @Description('Labels a node must have to run pods of this component.')
  @IsOptional()
  @MapOf(LABELS)
  nodeSelector?: Record<string, string>;

  @Description('Taints of nodes that pods of this component put up with.')
  @IsOptional()
  @IsArray()
  @ArrayMaxSize(16)
  @ValidateNested({ each: true })
  @Type(() => Toleration)
  @ListType('atomic')
  tolerations?: Toleration[];

  @Description('Which nodes and which other pods the pods are placed near to, or kept away from.')
  @IsOptional()
  @ValidateNested()
  @Type(() => Affinity)
  affinity?: Affinity;

  @Description('How evenly the pods are spread over nodes or zones.')
  @IsOptional()
  @IsArray()
  @ArrayMaxSize(8)
  @ValidateNested({ each: true })
  @Type(() => TopologySpread)
  @ListType('map', ['topologyKey', 'whenUnsatisfiable'])
  topologySpread?: TopologySpread[];

  @Description('Users, groups and rights of the processes, within Pod Security level restricted.')
  @IsOptional()
  @ValidateNested()
  @Type(() => SecuritySpec)
  securityContext?: SecuritySpec;

  @Description(
    'ServiceAccount the pods run as; whether they get its token is for the account to say. Left out: an account of their own, without rights and without a token.',
  )
  @IsOptional()
  @IsString()
  @MinLength(1)
  @MaxLength(OBJECT_NAME_MAX_LENGTH)
  @Matches(OBJECT_NAME, { message: OBJECT_NAME_MESSAGE })
  serviceAccountName?: string;

  @Description('Labels added to the pods, such as those a service mesh looks for.')
  @IsOptional()
  @MapOf(POD_LABELS)
  podLabels?: Record<string, string>;

  @Description('Annotations added to the pods, such as those a service mesh looks for.')
  @IsOptional()
  @MapOf(POD_ANNOTATIONS)
  podAnnotations?: Record<string, string>;

  @Description('Seconds a pod may take to end after SIGTERM before it is killed.')
  @Default(30)
  @Int32()
  @Min(0)
  @Max(3_600)
  terminationGracePeriodSeconds!: number;

  @Description(
    'Seconds a pod that is to end goes on serving before it gets SIGTERM, so that all who still send it requests learn that it goes. Part of terminationGracePeriodSeconds.',
  )
  @Default(5)
  @Int32()
  @Min(0)
  @Max(3_600)
  drainSeconds!: number;
}
