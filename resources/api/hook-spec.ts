import { Type } from 'class-transformer';
import { IsIn, IsOptional, IsString, Max, Min, ValidateNested } from 'class-validator';
import { Description, Int32 } from '../../operator/schema/index.ts';
import { COMPONENTS, type ComponentName } from './component-name.ts';
import { CommandWords } from './rules/command-words.ts';

/** The steps of a release that the author of a RestAPI can add. */
export const HOOKS = ['migrate', 'afterPromotion', 'afterRollback'] as const;
export type HookName = (typeof HOOKS)[number];

/**
 * A step of a release: a Job with one pod, made of a component of the revision. It has no image and no variables of its own,
 * so it can use nothing that the component may not use.
 */
export class HookSpec {
  @Description(
    'Component whose image, variables, volumes, resources and ServiceAccount the Job gets. Defaults to model.',
  )
  @IsOptional()
  @IsString()
  @IsIn(COMPONENTS)
  component?: ComponentName;

  @Description("Command. Without command and args, the Job runs the component's own.")
  @CommandWords({ least: 1, most: 32 })
  command?: string[];

  @Description('Arguments of the command.')
  @CommandWords({ most: 32 })
  args?: string[];

  @Description('Seconds after which the Job has failed. Defaults to 600.')
  @IsOptional()
  @Int32()
  @Min(1)
  @Max(24 * 3_600)
  timeoutSeconds?: number;
}

/** Jobs at certain points of a release. */
export class HooksSpec {
  @Description(
    'Runs before the first pod of a version starts, once for each version. If it fails, the version is rejected. The active version serves meanwhile, so a migration must leave what that version needs.',
  )
  @IsOptional()
  @ValidateNested()
  @Type(() => HookSpec)
  migrate?: HookSpec;

  @Description('Runs after the switch to a new version. If it fails, that is only reported.')
  @IsOptional()
  @ValidateNested()
  @Type(() => HookSpec)
  afterPromotion?: HookSpec;

  @Description('Runs after the switch back to an earlier version. If it fails, that is only reported.')
  @IsOptional()
  @ValidateNested()
  @Type(() => HookSpec)
  afterRollback?: HookSpec;
}

/** Returns after how many seconds the Job of a hook has failed. */
export function hookTimeoutOf({ timeoutSeconds }: HookSpec): number {
  return timeoutSeconds ?? 600;
}
