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
import { Description, ListType } from '../../operator/schema/index.ts';
import { COMPONENTS, type ComponentName } from './component-name.ts';

export const HEALING_ACTIONS = ['RestartPod', 'RestartComponent', 'Rollback'] as const;
export type HealingActionKind = (typeof HEALING_ACTIONS)[number];

/** How many actions are remembered; no less than maxActions may be. */
export const REMEMBERED_ACTIONS = 10;

/** One thing the operator did to heal. It is written down before it is done, so that it counts whatever comes between. */
export class HealingRecord {
  @Description('When it was decided.')
  @IsString()
  @MaxLength(64)
  @IsRFC3339()
  at!: string;

  @Description('RestartPod, RestartComponent or Rollback.')
  @IsString()
  @IsIn(HEALING_ACTIONS)
  action!: HealingActionKind;

  @Description('The component that was not well.')
  @IsString()
  @IsIn(COMPONENTS)
  component!: ComponentName;

  @Description('Name of the pod or the Deployment, or the revision that is given up.')
  @IsString()
  @MaxLength(253)
  target!: string;

  @Description('Uid of the pod; of a Deployment, a hash of what its pods were made from.')
  @IsOptional()
  @IsString()
  @MaxLength(64)
  id?: string;

  @Description('What was wrong, in one word.')
  @IsString()
  @MaxLength(64)
  reason!: string;

  @Description('What was wrong, in words.')
  @IsString()
  @MaxLength(1024)
  message!: string;

  @Description('Done, Refused (it counts all the same) or NotNeeded. Left out: it is about to be done.')
  @IsOptional()
  @IsString()
  @IsIn(['Done', 'Refused', 'NotNeeded'])
  result?: 'Done' | 'Refused' | 'NotNeeded';
}

/** What the operator did to heal. */
export class HealingStatus {
  @Description('The last ten actions, the newest first.')
  @IsArray()
  @ArrayMaxSize(REMEMBERED_ACTIONS)
  @ValidateNested({ each: true })
  @Type(() => HealingRecord)
  @ListType('atomic')
  actions!: HealingRecord[];
}
