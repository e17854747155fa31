import { Type } from 'class-transformer';
import { ArrayMaxSize, IsArray, IsBoolean, IsOptional, Max, Min, ValidateNested } from 'class-validator';
import { Default, Description, Int32, ListType } from '../../operator/schema/index.ts';
import { CheckSpec } from './check-spec.ts';

const WEEK_SECONDS = 7 * 24 * 3_600;

/** When a release that is ready is promoted without anybody asking for it. */
export class AutoPromotionSpec {
  @Description(
    'Whether a release that is ready is promoted by itself. If not, it waits for the annotation restapi.dev/promote.',
  )
  @Default(true)
  @IsBoolean()
  enabled!: boolean;

  @Description('Seconds a release must have been ready before it is promoted.')
  @Default(0)
  @Int32()
  @Min(0)
  @Max(WEEK_SECONDS)
  seconds!: number;
}

/** How new versions are released side by side with the old one. */
export class BlueGreenSpec {
  @Description(
    'Whether a new version gets an environment of its own, blue or green in turn, and requests go to it all at once when all of it is ready. If not, pods are replaced one after the other.',
  )
  @Default(false)
  @IsBoolean()
  enabled!: boolean;

  @Description('When a release is promoted.')
  @Default({})
  @ValidateNested()
  @Type(() => AutoPromotionSpec)
  autoPromotion!: AutoPromotionSpec;

  @Description(
    'Pods of each component while a release is looked at; it has all of them before it is promoted. All if left out.',
  )
  @IsOptional()
  @Int32()
  @Min(1)
  previewReplicas?: number;

  @Description('Seconds the old version keeps its pods after the switch, so that it can be gone back to at once.')
  @Default(30)
  @Int32()
  @Min(0)
  @Max(WEEK_SECONDS)
  scaleDownDelaySeconds!: number;

  @Description('Seconds a release may go without another of its pods becoming ready before it counts as failed.')
  @Default(600)
  @Int32()
  @Min(1)
  @Max(WEEK_SECONDS)
  progressDeadlineSeconds!: number;

  @Description('Whether a release that failed is given up, so that its pods go. If not, it is left to be looked at.')
  @Default(true)
  @IsBoolean()
  abortOnFailure!: boolean;

  @Description(
    'Seconds after the switch in which requests go back to the old version if less than half of the pods of a component are available. 0: never.',
  )
  @Default(0)
  @Int32()
  @Min(0)
  @Max(WEEK_SECONDS)
  autoRollbackSeconds!: number;

  @Description('Whether a release is held before the switch.')
  @Default(false)
  @IsBoolean()
  paused!: boolean;

  @Description(
    'Checks of a release that is ready; it is promoted only when all have passed, and given up if one fails.',
  )
  @IsOptional()
  @IsArray()
  @ArrayMaxSize(5)
  @ValidateNested({ each: true })
  @Type(() => CheckSpec)
  @ListType('map', ['name'])
  prePromotion?: CheckSpec[];

  @Description('Checks after the switch; requests go back to the old version if one fails.')
  @IsOptional()
  @IsArray()
  @ArrayMaxSize(5)
  @ValidateNested({ each: true })
  @Type(() => CheckSpec)
  @ListType('map', ['name'])
  postPromotion?: CheckSpec[];

  @Description('How many revisions are kept, besides those in use.')
  @Default(10)
  @Int32()
  @Min(0)
  @Max(100)
  revisionHistoryLimit!: number;
}
