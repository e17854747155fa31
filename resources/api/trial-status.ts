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

/** A component of the revision on trial that is failing. */
export class FailingComponent {
  @Description('Component of which fewer than half of the pods are available because containers failed.')
  @IsString()
  @IsIn(COMPONENTS)
  component!: ComponentName;

  @Description('Since when, without a break. autoRollbackFailingSeconds counts from here.')
  @IsString()
  @MaxLength(64)
  @IsRFC3339()
  since!: string;
}

/** The active revision while it can still be rolled back automatically. */
export class TrialStatus {
  @Description('The active revision, which is on trial.')
  @IsString()
  @MaxLength(63)
  revision!: string;

  @Description('The revision that was active before. Its environment is kept until the trial is over.')
  @IsString()
  @MaxLength(63)
  proven!: string;

  @Description(
    'When the trial started: with the switch of traffic, or later with the start of the application. autoRollbackSeconds counts from here. Unset while the application is stopped.',
  )
  @IsOptional()
  @IsString()
  @MaxLength(64)
  @IsRFC3339()
  since?: string;

  @Description('Components that are failing.')
  @IsOptional()
  @IsArray()
  @ArrayMaxSize(8)
  @ValidateNested({ each: true })
  @Type(() => FailingComponent)
  @ListType('map', ['component'])
  failing?: FailingComponent[];
}
