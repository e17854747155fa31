import { IsBoolean, Max, Min } from 'class-validator';
import { Default, Description, Int32 } from '../../operator/schema/index.ts';

/** How the fewest pods of a component are raised ahead of a load that comes by the clock. */
export class PredictiveScalingSpec {
  @Description(
    'Whether minReplicas is raised ahead of the load, within maxReplicas, by what was learned of its days and weeks.',
  )
  @Default(true)
  @IsBoolean()
  enabled!: boolean;

  @Description('Minutes to look ahead: as long as new pods take until they carry load, and some more.')
  @Default(20)
  @Int32()
  @Min(10)
  @Max(120)
  horizonMinutes!: number;
}
