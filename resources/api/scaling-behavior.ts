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

/** How much the number of pods may change in a time. */
export class ScalingPolicy {
  @Description('Whether value is a number of pods, or a share of those there are.')
  @IsString()
  @IsIn(POLICY_TYPES)
  type!: (typeof POLICY_TYPES)[number];

  @Description('Pods or percent.')
  @Int32()
  @Min(1)
  value!: number;

  @Description('The time, in seconds.')
  @Int32()
  @Min(1)
  @Max(1_800)
  periodSeconds!: number;
}

/** How the number of pods goes up, or down. */
export class ScalingRules {
  @Description('Seconds over which what is needed is looked at, so that it does not follow every wave.')
  @IsOptional()
  @Int32()
  @Min(0)
  @Max(3_600)
  stabilizationWindowSeconds?: number;

  @Description(
    'Which of several policies counts: the one that allows most, or least. Disabled: it never goes this way.',
  )
  @IsOptional()
  @IsString()
  @IsIn(SELECT_POLICIES)
  selectPolicy?: (typeof SELECT_POLICIES)[number];

  @Description('How fast it may change.')
  @IsOptional()
  @IsArray()
  @ArrayMinSize(1)
  @ArrayMaxSize(8)
  @ValidateNested({ each: true })
  @Type(() => ScalingPolicy)
  @ListType('atomic')
  policies?: ScalingPolicy[];
}

/** How fast the number of pods changes. */
export class ScalingBehavior {
  @Description('When there are to be more pods.')
  @IsOptional()
  @ValidateNested()
  @Type(() => ScalingRules)
  scaleUp?: ScalingRules;

  @Description('When there are to be fewer pods.')
  @IsOptional()
  @ValidateNested()
  @Type(() => ScalingRules)
  scaleDown?: ScalingRules;
}
