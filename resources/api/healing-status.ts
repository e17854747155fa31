import { Type } from 'class-transformer';
import {
  ArrayMaxSize,
  IsArray,
  IsIn,
  IsOptional,
  IsRFC3339,
  IsString,
  MaxLength,
  ValidateNested,
} from 'class-validator';
import { Description, Int32, ListType } from '../../operator/schema/index.ts';
import { COMPONENTS, type ComponentName } from './component-name.ts';

export const HEALING_ACTIONS = ['RestartPod', 'RestartComponent', 'Rollback'] as const;
export type HealingActionKind = (typeof HEALING_ACTIONS)[number];

/** Number of actions kept in the status; at least the highest maxActions. */
export const REMEMBERED_ACTIONS = 10;

/** How a container ended, quoted as one line without control characters. */
export class LastTermination {
  @Description('Name of the container.')
  @IsString()
  @MaxLength(63)
  container!: string;

  @Description('Exit code of the container.')
  @Int32()
  exitCode!: number;

  @Description('Reason in CamelCase, such as Error or OOMKilled.')
  @IsOptional()
  @IsString()
  @MaxLength(64)
  reason?: string;

  @Description('What the container wrote to its termination message file, cut to 400 characters.')
  @IsOptional()
  @IsString()
  @MaxLength(512)
  message?: string;

  @Description('When the container ended.')
  @IsOptional()
  @IsString()
  @MaxLength(64)
  finishedAt?: string;
}

/**
 * A healing action. It is recorded before it is executed, so that it counts even if the operator crashes in between.
 */
export class HealingRecord {
  @Description('When the action was decided.')
  @IsString()
  @MaxLength(64)
  @IsRFC3339()
  at!: string;

  @Description('Action: RestartPod, RestartComponent or Rollback.')
  @IsString()
  @IsIn(HEALING_ACTIONS)
  action!: HealingActionKind;

  @Description('The unhealthy component.')
  @IsString()
  @IsIn(COMPONENTS)
  component!: ComponentName;

  @Description('Name of the pod or Deployment, or the rejected revision.')
  @IsString()
  @MaxLength(253)
  target!: string;

  @Description('UID of the pod; for a Deployment, a hash of its pod template.')
  @IsOptional()
  @IsString()
  @MaxLength(64)
  id?: string;

  @Description('Reason for the action in CamelCase.')
  @IsString()
  @MaxLength(64)
  reason!: string;

  @Description('Description of the problem.')
  @IsString()
  @MaxLength(1024)
  message!: string;

  @Description('How the container of the unhealthy pod last ended, which is lost with the pod.')
  @IsOptional()
  @ValidateNested()
  @Type(() => LastTermination)
  lastTermination?: LastTermination;

  @Description('Result: Done, Refused (counts towards maxActions) or NotNeeded. Unset while the action is pending.')
  @IsOptional()
  @IsString()
  @IsIn(['Done', 'Refused', 'NotNeeded'])
  result?: 'Done' | 'Refused' | 'NotNeeded';
}

/** Healing actions of the operator. */
export class HealingStatus {
  @Description('The last ten actions, newest first.')
  @IsArray()
  @ArrayMaxSize(REMEMBERED_ACTIONS)
  @ValidateNested({ each: true })
  @Type(() => HealingRecord)
  @ListType('atomic')
  actions!: HealingRecord[];

  @Description(
    'Since when pods of the active environment have been unhealthy, with recoveries of less than 10 minutes.',
  )
  @IsOptional()
  @IsString()
  @MaxLength(64)
  @IsRFC3339()
  unhealthySince?: string;

  @Description('Since when no pod is unhealthy any more. Both are removed after 10 minutes.')
  @IsOptional()
  @IsString()
  @MaxLength(64)
  @IsRFC3339()
  healthySince?: string;
}
