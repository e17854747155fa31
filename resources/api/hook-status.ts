import { IsIn, IsRFC3339, IsString, MaxLength } from 'class-validator';
import { Description } from '../../operator/schema/index.ts';
import { HOOKS, type HookName } from './hook-spec.ts';
import { RELEASE_MESSAGE_MAX_LENGTH } from './release-status.ts';

/** The last run of a hook. */
export class HookStatus {
  @Description('Name of the hook: migrate, afterPromotion or afterRollback.')
  @IsString()
  @IsIn(HOOKS)
  name!: HookName;

  @Description('Revision that it ran for.')
  @IsString()
  @MaxLength(63)
  revision!: string;

  @Description('When the release started or, after the switch, the time of the switch.')
  @IsString()
  @MaxLength(64)
  @IsRFC3339()
  since!: string;

  @Description('Result: Running, Passed or Failed.')
  @IsString()
  @IsIn(['Running', 'Passed', 'Failed'])
  result!: 'Running' | 'Passed' | 'Failed';

  @Description('When it started or ended.')
  @IsString()
  @MaxLength(64)
  @IsRFC3339()
  at!: string;

  @Description('Its Job, how that ended and, if it failed, the last lines that it printed.')
  @IsString()
  @MaxLength(RELEASE_MESSAGE_MAX_LENGTH)
  message!: string;
}
