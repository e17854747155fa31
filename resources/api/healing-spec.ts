import { IsBoolean, IsIn, IsString, Max, Min } from 'class-validator';
import { Default, Description, Int32 } from '../../operator/schema/index.ts';

/** Never: none. Dead: pods that do no work, so that nothing is lost. Stuck: also those that run and do not turn ready. */
export const POD_RESTARTS = ['Never', 'Dead', 'Stuck'] as const;
export type PodRestarts = (typeof POD_RESTARTS)[number];

/** What the operator does about pods that do not become well by themselves, and how often. */
export class HealingSpec {
  @Description('Whether the operator does anything about pods that do not become well by themselves.')
  @Default(true)
  @IsBoolean()
  enabled!: boolean;

  @Description(
    'Which pods are replaced: Dead (in CrashLoopBackOff, or on a lost node), Stuck (also those that run or start and do not turn ready), or Never.',
  )
  @Default('Dead')
  @IsString()
  @IsIn(POD_RESTARTS)
  restartPods!: PodRestarts;

  @Description('Whether all pods of a component are replaced when more than half of them are stuck.')
  @Default(false)
  @IsBoolean()
  restartComponents!: boolean;

  @Description(
    'Whether requests go back to the revision before when more than half of the pods of a component are stuck. Needs blueGreen.',
  )
  @Default(false)
  @IsBoolean()
  rollback!: boolean;

  @Description('How many actions there may be in windowSeconds.')
  @Default(3)
  @Int32()
  @Min(1)
  @Max(10)
  maxActions!: number;

  @Description('Length of the window in which maxActions counts.')
  @Default(3_600)
  @Int32()
  @Min(10)
  @Max(86_400)
  windowSeconds!: number;

  @Description(
    'Seconds a pod must have been unwell before anything is done; it is also the pause after an action, which doubles with each further one.',
  )
  @Default(300)
  @Int32()
  @Min(5)
  @Max(86_400)
  stuckSeconds!: number;
}

/** Healing of a RestAPI that says nothing of it. */
export const DEFAULT_HEALING: HealingSpec = {
  enabled: true,
  restartPods: 'Dead',
  restartComponents: false,
  rollback: false,
  maxActions: 3,
  windowSeconds: 3_600,
  stuckSeconds: 300,
};
