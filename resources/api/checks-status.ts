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

/** How far one check is. */
export class CheckStatus {
  @Description('Name of the check.')
  @IsString()
  @MinLength(1)
  @MaxLength(63)
  name!: string;

  @Description('Running, Passed or Failed.')
  @IsString()
  @IsIn(['Running', 'Passed', 'Failed'])
  result!: 'Running' | 'Passed' | 'Failed';

  @Description('Attempts that ended.')
  @IsInt()
  @Min(0)
  attempts!: number;

  @Description('How many of them failed.')
  @IsInt()
  @Min(0)
  failures!: number;

  @Description('When it ended, or from when on the next attempt is made.')
  @IsString()
  @MaxLength(64)
  @IsRFC3339()
  at!: string;

  @Description('What the last attempt found.')
  @IsString()
  @MaxLength(1024)
  message!: string;
}

/** The checks before or after one switch. */
export class ChecksStatus {
  @Description('prePromotion or postPromotion.')
  @IsString()
  @IsIn(['prePromotion', 'postPromotion'])
  stage!: CheckStage;

  @Description('Revision that is looked at.')
  @IsString()
  @MaxLength(63)
  revision!: string;

  @Description('When the release was ready, or the time of the switch: each is checked anew.')
  @IsString()
  @MaxLength(64)
  @IsRFC3339()
  since!: string;

  @Description('Running, Passed, Failed, or Skipped by the annotation restapi.dev/skip-checks.')
  @IsString()
  @IsIn(['Running', 'Passed', 'Failed', 'Skipped'])
  result!: 'Running' | 'Passed' | 'Failed' | 'Skipped';

  @Description('Check by check.')
  @IsArray()
  @ArrayMaxSize(5)
  @ValidateNested({ each: true })
  @Type(() => CheckStatus)
  @ListType('map', ['name'])
  checks!: CheckStatus[];
}
