import { IsBoolean, IsIn, IsInt, IsOptional, IsRFC3339, IsString, MaxLength, Min } from 'class-validator';
import { Description, Int32 } from '../../operator/schema/index.ts';
import { ENVIRONMENTS, type EnvironmentName } from './environment-name.ts';

const MAX_MESSAGE = 4_096;
const MAX_AUTHOR = 512;

/** One environment of a RestAPI with blue-green releases. */
export class EnvironmentStatus {
  @Description('The environment.')
  @IsString()
  @IsIn(ENVIRONMENTS)
  name!: EnvironmentName;

  @Description('active: requests go to it; preview: a release is being prepared there; idle: neither.')
  @IsString()
  @IsIn(['active', 'preview', 'idle'])
  role!: 'active' | 'preview' | 'idle';

  @Description('Revision its pods are made from; left out for main, which follows the spec.')
  @IsOptional()
  @IsString()
  @MaxLength(63)
  revision?: string;

  @Description('Image of that revision.')
  @IsString()
  @MaxLength(1024)
  image!: string;

  @Description('Number of pods it should have.')
  @Int32()
  @Min(0)
  replicas!: number;

  @Description('Number of its pods that are ready.')
  @Int32()
  @Min(0)
  readyReplicas!: number;
}

export const RELEASE_PHASES = [
  'Preparing',
  'Checking',
  'Paused',
  'WaitingForPromotion',
  'Promoting',
  'RollingBack',
] as const;
export type ReleasePhase = (typeof RELEASE_PHASES)[number];

/** The release under way. */
export class ReleaseStatus {
  @Description('Revision that is to become active.')
  @IsString()
  @MaxLength(63)
  revision!: string;

  @Description('Where it is being prepared.')
  @IsString()
  @IsIn(ENVIRONMENTS)
  environment!: EnvironmentName;

  @Description('Preparing, Checking, Paused, WaitingForPromotion, Promoting or RollingBack.')
  @IsString()
  @IsIn(RELEASE_PHASES)
  phase!: ReleasePhase;

  @Description('When it began.')
  @IsString()
  @MaxLength(64)
  @IsRFC3339()
  startedAt!: string;

  @Description('Who asked for it, if the component release-author is installed.')
  @IsOptional()
  @IsString()
  @MaxLength(MAX_AUTHOR)
  by?: string;

  @Description('When it last came further; the deadline counts from here.')
  @IsString()
  @MaxLength(64)
  @IsRFC3339()
  progressedAt!: string;

  @Description('The most pods of it that were available at once.')
  @IsInt()
  @Min(0)
  availableReplicas!: number;

  @Description('When all the pods a preview needs were ready.')
  @IsOptional()
  @IsString()
  @MaxLength(64)
  @IsRFC3339()
  readyAt?: string;

  @Description('What it waits for.')
  @IsString()
  @MaxLength(MAX_MESSAGE)
  message!: string;
}

/** A revision the operator itself has given up. */
export class RejectedStatus {
  @Description('The revision. It is not released again unless restapi.dev/retry asks for it.')
  @IsString()
  @MaxLength(63)
  revision!: string;

  @Description('Why, in one CamelCase word.')
  @IsString()
  @MaxLength(64)
  reason!: string;

  @Description('Why, in a sentence.')
  @IsString()
  @MaxLength(MAX_MESSAGE)
  message!: string;

  @Description('When.')
  @IsString()
  @MaxLength(64)
  @IsRFC3339()
  at!: string;

  @Description(
    'Whether this was after a retry; the annotation restapi.dev/retry that asked for that one asks for no other.',
  )
  @IsOptional()
  @IsBoolean()
  retried?: boolean;
}

/** A revision that is to be active instead of what the spec asks for. */
export class RollbackStatus {
  @Description('The revision, as the annotation restapi.dev/rollback-to names it.')
  @IsString()
  @MaxLength(63)
  to!: string;

  @Description('What the spec asked for at that time; the annotation says nothing about another.')
  @IsString()
  @MaxLength(63)
  insteadOf!: string;
}

export const RELEASE_RESULTS = ['Promoted', 'Aborted', 'RolledBack', 'Cancelled'] as const;
export type ReleaseResult = (typeof RELEASE_RESULTS)[number];

/** A release of the past. */
export class ReleaseRecord {
  @Description('The revision it was about.')
  @IsString()
  @MaxLength(63)
  revision!: string;

  @Description('Image of that revision.')
  @IsString()
  @MaxLength(1024)
  image!: string;

  @Description('Promoted, Aborted, RolledBack (it had been active) or Cancelled (the spec changed again).')
  @IsString()
  @IsIn(RELEASE_RESULTS)
  result!: ReleaseResult;

  @Description('When.')
  @IsString()
  @MaxLength(64)
  @IsRFC3339()
  at!: string;

  @Description('Who asked for that, if the component release-author is installed; the operator, where nobody did.')
  @IsOptional()
  @IsString()
  @MaxLength(MAX_AUTHOR)
  by?: string;

  @Description('What happened.')
  @IsString()
  @MaxLength(MAX_MESSAGE)
  message!: string;
}
