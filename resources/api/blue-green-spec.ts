import { Type } from 'class-transformer';
import { ArrayMaxSize, IsArray, IsBoolean, IsOptional, Max, Min, ValidateNested } from 'class-validator';
import { Atomic, Default, Description, Int32, ListType } from '../../operator/schema/index.ts';
import { CheckSpec } from './check-spec.ts';
import { HooksSpec } from './hook-spec.ts';

const WEEK_SECONDS = 7 * 24 * 3_600;

/** Automatic promotion of releases. */
export class AutoPromotionSpec {
  @Description(
    'Whether a release is promoted automatically once it is ready. If not, it waits for the annotation restapi.dev/promote.',
  )
  @Default(true)
  @IsBoolean()
  enabled!: boolean;

  @Description('Seconds that a release must be ready before it is promoted.')
  @Default(0)
  @Int32()
  @Min(0)
  @Max(WEEK_SECONDS)
  seconds!: number;
}

/** Blue-green releases. */
export class BlueGreenSpec {
  @Description(
    'Whether a new version is deployed to a separate environment, alternately blue and green, and receives all new connections at once when it is ready. If not, it is deployed by a rolling update.',
  )
  @Default(false)
  @IsBoolean()
  enabled!: boolean;

  @Description('When a release is promoted automatically.')
  @Atomic()
  @Default({})
  @ValidateNested()
  @Type(() => AutoPromotionSpec)
  autoPromotion!: AutoPromotionSpec;

  @Description(
    'Number of pods of each component in the preview. The release is scaled up to the full number before it is promoted. Defaults to the full number.',
  )
  @IsOptional()
  @Int32()
  @Min(1)
  previewReplicas?: number;

  @Description('Seconds that the previous version keeps its pods after the switch, for an immediate rollback.')
  @Default(30)
  @Int32()
  @Min(0)
  @Max(WEEK_SECONDS)
  scaleDownDelaySeconds!: number;

  @Description(
    'Seconds without progress (no further pod becomes available) after which a release fails. spec.minReadySeconds is added.',
  )
  @Default(600)
  @Int32()
  @Min(1)
  @Max(WEEK_SECONDS)
  progressDeadlineSeconds!: number;

  @Description('Whether a failed release is aborted and its pods are deleted. If not, it is kept for inspection.')
  @Default(true)
  @IsBoolean()
  abortOnFailure!: boolean;

  /**
   * 60 by default: minReadySeconds catches a version that dies at once, this one that dies, runs out of memory or hangs
   * soon after. A hang takes about 15 seconds to show (three readiness probes). Not longer, because a failure minutes
   * later is more often that of a dependency, which a rollback would not fix.
   */
  @Description(
    'Seconds after the switch during which the operator rolls back if containers of the new version crash or lose readiness, so that fewer than half of the pods of a component are available for autoRollbackFailingSeconds. Pods that are starting, evicted or on a lost node do not count. While it lasts, the new version is on trial: the previous one keeps its environment, and a further release waits. 0 disables automatic rollback.',
  )
  @Default(60)
  @Int32()
  @Min(0)
  @Max(WEEK_SECONDS)
  autoRollbackSeconds!: number;

  /**
   * 30 by default: a failure of some pods may pass, as after a restart of one of them, and the others serve meanwhile.
   * With no pod left there is nothing to wait for.
   */
  @Description(
    'Seconds for which fewer than half of the pods of a component must be available, without a break, before the operator rolls back automatically. If none is available and at least half have failed, it rolls back at once.',
  )
  @Default(30)
  @Int32()
  @Min(0)
  @Max(WEEK_SECONDS)
  autoRollbackFailingSeconds!: number;

  @Description('Whether releases are paused before the switch.')
  @Default(false)
  @IsBoolean()
  paused!: boolean;

  @Description('Checks that run when a release is ready. It is promoted once all have passed and aborted if one fails.')
  @IsOptional()
  @IsArray()
  @ArrayMaxSize(5)
  @ValidateNested({ each: true })
  @Type(() => CheckSpec)
  @ListType('map', ['name'])
  prePromotion?: CheckSpec[];

  @Description('Checks that run after the switch. The operator rolls back if one fails.')
  @IsOptional()
  @IsArray()
  @ArrayMaxSize(5)
  @ValidateNested({ each: true })
  @Type(() => CheckSpec)
  @ListType('map', ['name'])
  postPromotion?: CheckSpec[];

  @Description('Jobs at certain points of a release, such as a database migration.')
  @IsOptional()
  @ValidateNested()
  @Type(() => HooksSpec)
  hooks?: HooksSpec;

  @Description('Number of revisions kept in addition to those in use.')
  @Default(10)
  @Int32()
  @Min(0)
  @Max(100)
  revisionHistoryLimit!: number;
}
