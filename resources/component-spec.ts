import { Type } from 'class-transformer';
import { ArrayMaxSize, IsArray, IsBoolean, IsOptional, Max, Min, ValidateNested } from 'class-validator';
import { Cel, Default, Description, Int32, ListType } from '../operator/schema/index.ts';
import { envFits } from './env-size.ts';
import { EnvVar } from './env-var.ts';
import { ResourceAmounts } from './resource-amounts.ts';

/** What can be said of each component. The components' own classes add their defaults. */
export class ComponentSpec {
  @Description('Whether the component runs. A disabled component has no Deployment and no Service.')
  @Default(true)
  @IsBoolean()
  enabled!: boolean;

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
}
