import { IsBoolean, Max, Min } from 'class-validator';
import { Default, Description, Int32 } from '../../operator/schema/index.ts';

/** Predictive scaling: raises minReplicas ahead of recurring load. */
export class PredictiveScalingSpec {
  @Description(
    'Whether minReplicas is raised ahead of the load, up to maxReplicas, by a forecast learned from daily and weekly patterns.',
  )
  @Default(true)
  @IsBoolean()
  enabled!: boolean;

  @Description('Forecast horizon in minutes. Should exceed the time that new pods need before they serve requests.')
  @Default(20)
  @Int32()
  @Min(10)
  @Max(120)
  horizonMinutes!: number;
}
