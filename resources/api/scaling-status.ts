import { Type } from 'class-transformer';
import {
  ArrayMaxSize,
  IsArray,
  IsBoolean,
  IsOptional,
  IsString,
  MaxLength,
  Min,
  ValidateNested,
} from 'class-validator';
import { Description, Int32, ListType } from '../../operator/schema/index.ts';

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

/** What is expected of the load of a component. */
export class ForecastStatus {
  @Description('Whether the forecast was good enough lately for minReplicas to follow it.')
  @IsBoolean()
  reliable!: boolean;

  @Description('Fewest pods for the load that is to come.')
  @Int32()
  @Min(0)
  minReplicas!: number;

  @Description('How wrong forecasts were lately, about, in percent of the load. Left out: not known yet.')
  @IsOptional()
  @Int32()
  @Min(0)
  errorPercent?: number;
}

/** What each pod of a component should request, by what they use. */
export class RecommendedAmounts {
  @Description('CPU. Left out: the autoscaler goes by it.')
  @IsOptional()
  @IsString()
  @MaxLength(64)
  cpu?: string;

  @Description('Memory. Left out: the autoscaler goes by it.')
  @IsOptional()
  @IsString()
  @MaxLength(64)
  memory?: string;
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

  @Description('What is expected of its load.')
  @IsOptional()
  @ValidateNested()
  @Type(() => ForecastStatus)
  forecast?: ForecastStatus;
}
