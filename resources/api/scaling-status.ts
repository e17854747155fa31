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

/** Current and target value of a metric. */
export class ScalingMetricStatus {
  @Description('Name of the metric, or cpu or memory.')
  @IsString()
  @MaxLength(253)
  name!: string;

  @Description('Approximate current value: percent or an amount. Unset if unknown.')
  @IsOptional()
  @IsString()
  @MaxLength(64)
  current?: string;

  @Description('Target value.')
  @IsString()
  @MaxLength(64)
  target!: string;
}

/** Load forecast of a component. */
export class ForecastStatus {
  @Description('Whether recent forecasts were accurate enough to raise minReplicas.')
  @IsBoolean()
  reliable!: boolean;

  @Description('Minimum number of pods for the forecast load.')
  @Int32()
  @Min(0)
  minReplicas!: number;

  @Description('Approximate error of recent forecasts, in percent of the load. Unset if not known yet.')
  @IsOptional()
  @Int32()
  @Min(0)
  errorPercent?: number;
}

/** Recommended requests of each pod of a component, derived from usage. */
export class RecommendedAmounts {
  @Description('CPU. Unset if the autoscaler scales by CPU.')
  @IsOptional()
  @IsString()
  @MaxLength(64)
  cpu?: string;

  @Description('Memory. Unset if the autoscaler scales by memory.')
  @IsOptional()
  @IsString()
  @MaxLength(64)
  memory?: string;
}

/** State of the horizontal scaling of a component. */
export class ScalingStatus {
  @Description('Minimum number of pods.')
  @Int32()
  @Min(0)
  minReplicas!: number;

  @Description('Maximum number of pods.')
  @Int32()
  @Min(0)
  maxReplicas!: number;

  @Description('Metrics that the number of pods is scaled by.')
  @IsArray()
  @ArrayMaxSize(16)
  @ValidateNested({ each: true })
  @Type(() => ScalingMetricStatus)
  @ListType('atomic')
  metrics!: ScalingMetricStatus[];

  @Description('Load forecast.')
  @IsOptional()
  @ValidateNested()
  @Type(() => ForecastStatus)
  forecast?: ForecastStatus;
}
