import { Type } from 'class-transformer';
import { ArrayMaxSize, IsArray, IsOptional, IsString, MaxLength, Min, ValidateNested } from 'class-validator';
import { Description, Int32, ListType } from '../operator/schema/index.ts';

/** What the number of pods is made to fit. */
export class ScalingMetricStatus {
  @Description('cpu, memory, or the name of the metric.')
  @IsString()
  @MaxLength(253)
  name!: string;

  @Description('What it is, about: percent, or an amount. Left out: nobody knows.')
  @IsOptional()
  @IsString()
  @MaxLength(64)
  current?: string;

  @Description('What it should be.')
  @IsString()
  @MaxLength(64)
  target!: string;
}

/** How the number of pods of a component follows its load. */
export class ScalingStatus {
  @Description('Fewest pods.')
  @Int32()
  @Min(0)
  minReplicas!: number;

  @Description('Most pods.')
  @Int32()
  @Min(0)
  maxReplicas!: number;

  @Description('What the number of pods is made to fit.')
  @IsArray()
  @ArrayMaxSize(16)
  @ValidateNested({ each: true })
  @Type(() => ScalingMetricStatus)
  @ListType('atomic')
  metrics!: ScalingMetricStatus[];
}
