import { Type } from 'class-transformer';
import {
  ArrayMaxSize,
  ArrayMinSize,
  IsArray,
  IsIn,
  IsOptional,
  IsString,
  Max,
  Min,
  ValidateNested,
} from 'class-validator';
import { Description, Int32, ListType } from '../../operator/schema/index.ts';

const POLICY_TYPES = ['Pods', 'Percent'] as const;
const SELECT_POLICIES = ['Max', 'Min', 'Disabled'] as const;

/** Limit on the change of the number of pods within a period. */
export class ScalingPolicy {
  @Description('Unit of value: Pods, or Percent of the current number of pods.')
  @IsString()
  @IsIn(POLICY_TYPES)
  type!: (typeof POLICY_TYPES)[number];

  @Description('Maximum change within periodSeconds, in pods or percent.')
  @Int32()
  @Min(1)
  value!: number;

  @Description('Length of the period in seconds.')
  @Int32()
  @Min(1)
  @Max(1_800)
  periodSeconds!: number;
}

/** Rules for scaling in one direction. */
export class ScalingRules {
  @Description('Seconds of past recommendations that are considered, to avoid flapping.')
  @IsOptional()
  @Int32()
  @Min(0)
  @Max(3_600)
  stabilizationWindowSeconds?: number;

  @Description(
    'Which policy applies: Max (the largest change), Min (the smallest change) or Disabled (no scaling in this direction).',
  )
  @IsOptional()
  @IsString()
  @IsIn(SELECT_POLICIES)
  selectPolicy?: (typeof SELECT_POLICIES)[number];

  @Description('Policies that limit the speed of scaling.')
  @IsOptional()
  @IsArray()
  @ArrayMinSize(1)
  @ArrayMaxSize(8)
  @ValidateNested({ each: true })
  @Type(() => ScalingPolicy)
  @ListType('atomic')
  policies?: ScalingPolicy[];
}

/** Speed of scaling. */
export class ScalingBehavior {
  @Description('Rules for scaling up.')
  @IsOptional()
  @ValidateNested()
  @Type(() => ScalingRules)
  scaleUp?: ScalingRules;

  @Description('Rules for scaling down.')
  @IsOptional()
  @ValidateNested()
  @Type(() => ScalingRules)
  scaleDown?: ScalingRules;
}
