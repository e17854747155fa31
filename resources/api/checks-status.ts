import { Type } from 'class-transformer';
import {
  ArrayMaxSize,
  IsArray,
  IsIn,
  IsInt,
  IsRFC3339,
  IsString,
  MaxLength,
  Min,
  MinLength,
  ValidateNested,
} from 'class-validator';
import { Description, ListType } from '../../operator/schema/index.ts';
import type { CheckStage } from './check-spec.ts';

/** Progress of one check. */
export class CheckStatus {
  @Description('Name of the check.')
  @IsString()
  @MinLength(1)
  @MaxLength(63)
  name!: string;

  @Description('Hash of the definition of the check. If it changes before the check has passed, the check starts over.')
  @IsString()
  @MaxLength(64)
  definition!: string;

  @Description('Result: Running, Passed or Failed.')
  @IsString()
  @IsIn(['Running', 'Passed', 'Failed'])
  result!: 'Running' | 'Passed' | 'Failed';

  @Description('Number of completed attempts.')
  @IsInt()
  @Min(0)
  attempts!: number;

  @Description('Number of failed attempts.')
  @IsInt()
  @Min(0)
  failures!: number;

  @Description('When the check completed, or the earliest time of the next attempt.')
  @IsString()
  @MaxLength(64)
  @IsRFC3339()
  at!: string;

  @Description('Result of the last attempt.')
  @IsString()
  @MaxLength(1024)
  message!: string;
}

/** Checks before or after one switch. */
export class ChecksStatus {
  @Description('Stage of the checks: prePromotion or postPromotion.')
  @IsString()
  @IsIn(['prePromotion', 'postPromotion'])
  stage!: CheckStage;

  @Description('Revision under test.')
  @IsString()
  @MaxLength(63)
  revision!: string;

  @Description('When the release became ready, or the time of the switch. The checks start over when it changes.')
  @IsString()
  @MaxLength(64)
  @IsRFC3339()
  since!: string;

  @Description('Overall result: Running, Passed, Failed, or Skipped by the annotation restapi.dev/skip-checks.')
  @IsString()
  @IsIn(['Running', 'Passed', 'Failed', 'Skipped'])
  result!: 'Running' | 'Passed' | 'Failed' | 'Skipped';

  @Description('Results of the individual checks.')
  @IsArray()
  @ArrayMaxSize(5)
  @ValidateNested({ each: true })
  @Type(() => CheckStatus)
  @ListType('map', ['name'])
  checks!: CheckStatus[];
}
