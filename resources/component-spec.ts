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
import { Cel, Default, Description, Int32, ListType, MapOf } from '../operator/schema/index.ts';
import { envFits } from './env-size.ts';
import { EnvVar } from './env-var.ts';
import { IMAGE_MAX_LENGTH, IMAGE_MESSAGE, IMAGE_REFERENCE } from './image-reference.ts';
import { LABELS, POD_ANNOTATIONS, POD_LABELS } from './label-rules.ts';
import { ResourceAmounts } from './resource-amounts.ts';
import { ServiceSpec } from './service-spec.ts';

export const PULL_POLICIES = ['Always', 'IfNotPresent', 'Never'] as const;
const MAX_WORDS = 64;
const MAX_WORD_LENGTH = 4_096;

/** What can be said of each component. The components' own classes add their defaults. */
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

  @Description('How the component is reached.')
  @Default({})
  @ValidateNested()
  @Type(() => ServiceSpec)
  service!: ServiceSpec;

  @Description('Labels a node must have to run pods of this component.')
  @IsOptional()
  @MapOf(LABELS)
  nodeSelector?: Record<string, string>;

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
}
