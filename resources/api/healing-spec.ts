import { IsBoolean, IsIn, IsString, Max, Min } from 'class-validator';
import { Cel, type CelRule, Default, Description, Int32 } from '../../operator/schema/index.ts';

/**
 * `NodeLost`: pods whose node is unreachable, where a new pod gets another node. `Dead`: also pods in CrashLoopBackOff;
 * their logs are lost. `Stuck`: also pods that run but do not become ready.
 */
export const POD_RESTARTS = ['Never', 'NodeLost', 'Dead', 'Stuck'] as const;
export type PodRestarts = (typeof POD_RESTARTS)[number];

/** Healing of a RestAPI without spec.healthCheck.healing. */
export const DEFAULT_HEALING = {
  enabled: true,
  restartPods: 'NodeLost',
  restartComponents: false,
  rollback: false,
  rollbackWindowSeconds: 3_600,
  maxActions: 3,
  windowSeconds: 3_600,
  stuckSeconds: 300,
} as const satisfies HealingSpec;

const rollbackInTime: CelRule<HealingSpec> = {
  rule: [
    `!self.?rollback.orValue(${DEFAULT_HEALING.rollback})`,
    `|| self.?stuckSeconds.orValue(${DEFAULT_HEALING.stuckSeconds})`,
    `< self.?rollbackWindowSeconds.orValue(${DEFAULT_HEALING.rollbackWindowSeconds})`,
  ].join(' '),
  message: 'can never roll back: stuckSeconds is not less than rollbackWindowSeconds; lower it or raise the window',
  check: ({ rollback, stuckSeconds, rollbackWindowSeconds }) => !rollback || stuckSeconds < rollbackWindowSeconds,
};

/** Healing of pods that do not recover on their own, with a limit on the number of actions. */
@Cel(rollbackInTime)
export class HealingSpec {
  @Description('Whether the operator heals pods that do not recover on their own.')
  @Default(DEFAULT_HEALING.enabled)
  @IsBoolean()
  enabled!: boolean;

  @Description(
    'Which pods are replaced: NodeLost (on an unreachable node), Dead (also in CrashLoopBackOff), Stuck (also pods that do not become ready), or Never.',
  )
  @Default(DEFAULT_HEALING.restartPods)
  @IsString()
  @IsIn(POD_RESTARTS)
  restartPods!: PodRestarts;

  @Description('Whether the component is restarted when more than half of its pods are stuck.')
  @Default(DEFAULT_HEALING.restartComponents)
  @IsBoolean()
  restartComponents!: boolean;

  @Description(
    'Whether the operator rolls back to the previous revision when more than half of the pods of a component are stuck. Requires blueGreen.',
  )
  @Default(DEFAULT_HEALING.rollback)
  @IsBoolean()
  rollback!: boolean;

  @Description(
    'Seconds after a switch in which rollback may roll back, and only if the pods were healthy for less than a quarter of it.',
  )
  @Default(DEFAULT_HEALING.rollbackWindowSeconds)
  @Int32()
  @Min(10)
  @Max(604_800)
  rollbackWindowSeconds!: number;

  @Description('Maximum number of actions within windowSeconds.')
  @Default(DEFAULT_HEALING.maxActions)
  @Int32()
  @Min(1)
  @Max(10)
  maxActions!: number;

  @Description('Length of the window of maxActions, in seconds.')
  @Default(DEFAULT_HEALING.windowSeconds)
  @Int32()
  @Min(10)
  @Max(86_400)
  windowSeconds!: number;

  @Description(
    'Seconds that a pod must be unhealthy before the first action. Also the pause after an action, doubled after each further one.',
  )
  @Default(DEFAULT_HEALING.stuckSeconds)
  @Int32()
  @Min(5)
  @Max(86_400)
  stuckSeconds!: number;
}
