import { Type } from 'class-transformer';
import {
  IsBoolean,
  IsIn,
  IsInt,
  IsOptional,
  IsRFC3339,
  IsString,
  MaxLength,
  Min,
  ValidateNested,
} from 'class-validator';
import { Description, Int32 } from '../../operator/schema/index.ts';
import { COMPONENTS, type ComponentName } from './component-name.ts';
import { ENVIRONMENTS, type EnvironmentName } from './environment-name.ts';

/** Longest message about a release in the status, in characters. */
export const RELEASE_MESSAGE_MAX_LENGTH = 4_096;
const MAX_AUTHOR = 512;

/** An environment whose components are being stopped one after the other, in the order of calls. */
export class StoppingStatus {
  @Description('Component whose pods must end before the components that it calls are stopped.')
  @IsString()
  @IsIn(COMPONENTS)
  component!: ComponentName;

  @Description('When this component was scaled to 0.')
  @IsString()
  @MaxLength(64)
  @IsRFC3339()
  since!: string;

  @Description('Which pods have not ended yet.')
  @IsString()
  @MaxLength(RELEASE_MESSAGE_MAX_LENGTH)
  message!: string;
}

/** One environment of a RestAPI with blue-green releases. */
export class EnvironmentStatus {
  @Description('Name of the environment.')
  @IsString()
  @IsIn(ENVIRONMENTS)
  name!: EnvironmentName;

  @Description('Role: active (receives traffic), preview (a release is being prepared) or idle.')
  @IsString()
  @IsIn(['active', 'preview', 'idle'])
  role!: 'active' | 'preview' | 'idle';

  @Description('Revision of its pods. Unset for main without blue-green releases, which follows the spec.')
  @IsOptional()
  @IsString()
  @MaxLength(63)
  revision?: string;

  @Description('Image of that revision.')
  @IsString()
  @MaxLength(1024)
  image!: string;

  @Description('Desired number of pods.')
  @Int32()
  @Min(0)
  replicas!: number;

  @Description('Number of ready pods.')
  @Int32()
  @Min(0)
  readyReplicas!: number;

  @Description('Present while the environment is being stopped: its components end in the order of calls.')
  @IsOptional()
  @ValidateNested()
  @Type(() => StoppingStatus)
  stopping?: StoppingStatus;
}

export const RELEASE_PHASES = [
  'Queued',
  'Draining',
  'Migrating',
  'Preparing',
  'Checking',
  'Paused',
  'WaitingForPromotion',
  'Promoting',
  'RollingBack',
] as const;
export type ReleasePhase = (typeof RELEASE_PHASES)[number];

/** The release in progress. */
export class ReleaseStatus {
  @Description('Revision being released.')
  @IsString()
  @MaxLength(63)
  revision!: string;

  @Description('Environment that the release is prepared in.')
  @IsString()
  @IsIn(ENVIRONMENTS)
  environment!: EnvironmentName;

  @Description(
    'Phase: Queued, Draining, Migrating, Preparing, Checking, Paused, WaitingForPromotion, Promoting or RollingBack.',
  )
  @IsString()
  @IsIn(RELEASE_PHASES)
  phase!: ReleasePhase;

  @Description('When the release started.')
  @IsString()
  @MaxLength(64)
  @IsRFC3339()
  startedAt!: string;

  @Description('User who requested the release. Requires the Kustomize component release-author.')
  @IsOptional()
  @IsString()
  @MaxLength(MAX_AUTHOR)
  by?: string;

  @Description(
    'Since when the RestAPI waits for its turn, because the operator makes only so many releases at a time. A newer version keeps it.',
  )
  @IsOptional()
  @IsString()
  @MaxLength(64)
  @IsRFC3339()
  queuedAt?: string;

  @Description('When the release last made progress. progressDeadlineSeconds counts from here.')
  @IsString()
  @MaxLength(64)
  @IsRFC3339()
  progressedAt!: string;

  @Description('Highest number of its pods that were available at the same time.')
  @IsInt()
  @Min(0)
  availableReplicas!: number;

  @Description('When the preview became ready.')
  @IsOptional()
  @IsString()
  @MaxLength(64)
  @IsRFC3339()
  readyAt?: string;

  @Description('Objects of the release that could not be applied, and why.')
  @IsOptional()
  @IsString()
  @MaxLength(RELEASE_MESSAGE_MAX_LENGTH)
  problem?: string;

  @Description('Whether a user promoted the release, by the annotation restapi.dev/promote.')
  @IsOptional()
  @IsBoolean()
  promote?: boolean;

  @Description('User who promoted the release. Requires the Kustomize component release-author.')
  @IsOptional()
  @IsString()
  @MaxLength(MAX_AUTHOR)
  promotedBy?: string;

  @Description('Whether the release skips its checks, by the annotation restapi.dev/skip-checks.')
  @IsOptional()
  @IsBoolean()
  skipChecks?: boolean;

  @Description('User who has the checks skipped. Requires the Kustomize component release-author.')
  @IsOptional()
  @IsString()
  @MaxLength(MAX_AUTHOR)
  checksSkippedBy?: string;

  @Description('What the release is waiting for.')
  @IsString()
  @MaxLength(RELEASE_MESSAGE_MAX_LENGTH)
  message!: string;
}

/** What a decision about a revision concerns: its version, or only its configuration of a version that serves. */
export const DECISION_SCOPES = ['Version', 'Configuration'] as const;
export type DecisionScope = (typeof DECISION_SCOPES)[number];

/** A rejection, which holds until a user lets the version go. */
export class RejectionStatus {
  @Description('The rejected revision.')
  @IsString()
  @MaxLength(63)
  revision!: string;

  @Description(
    'Scope: Version (all configurations of that version are rejected) or Configuration (only this revision is, because another revision of that version serves).',
  )
  @IsString()
  @IsIn(DECISION_SCOPES)
  scope!: DecisionScope;

  @Description('Reason in CamelCase.')
  @IsString()
  @MaxLength(64)
  reason!: string;

  @Description('Human-readable explanation.')
  @IsString()
  @MaxLength(RELEASE_MESSAGE_MAX_LENGTH)
  message!: string;

  @Description('Time of the rejection.')
  @IsString()
  @MaxLength(64)
  @IsRFC3339()
  at!: string;

  @Description('User who rejected the revision, or the operator. Requires the Kustomize component release-author.')
  @IsOptional()
  @IsString()
  @MaxLength(MAX_AUTHOR)
  by?: string;

  @Description(
    'Whether a ConfigMap changed since, while the spec requested this version. The active version gets the new content.',
  )
  @IsOptional()
  @IsBoolean()
  configChanged?: boolean;
}

/** A requested rollback, which takes precedence over the spec until a user lets the spec go or the spec changes. */
export class RollbackStatus {
  @Description('Target revision, from the annotation restapi.dev/rollback-to.')
  @IsString()
  @MaxLength(63)
  to!: string;

  @Description('Revision of the spec at that time.')
  @IsString()
  @MaxLength(63)
  insteadOf!: string;

  @Description(
    'Scope: Version (the rollback ends when the spec requests another version) or Configuration (it also ends when a ConfigMap changes, because both revisions are of the same version).',
  )
  @IsString()
  @IsIn(DECISION_SCOPES)
  scope!: DecisionScope;

  @Description('Time of the request.')
  @IsOptional()
  @IsString()
  @MaxLength(64)
  @IsRFC3339()
  at?: string;

  @Description('User who requested the rollback. Requires the Kustomize component release-author.')
  @IsOptional()
  @IsString()
  @MaxLength(MAX_AUTHOR)
  by?: string;

  @Description('Whether a ConfigMap changed since. The active version gets the new content.')
  @IsOptional()
  @IsBoolean()
  configChanged?: boolean;
}

export const RELEASE_RESULTS = ['Promoted', 'Aborted', 'RolledBack', 'Cancelled'] as const;
export type ReleaseResult = (typeof RELEASE_RESULTS)[number];

/** A completed release. */
export class ReleaseRecord {
  @Description('The released revision.')
  @IsString()
  @MaxLength(63)
  revision!: string;

  @Description('Image of that revision.')
  @IsString()
  @MaxLength(1024)
  image!: string;

  @Description('Result: Promoted, Aborted, RolledBack (it had been active) or Cancelled (the spec changed again).')
  @IsString()
  @IsIn(RELEASE_RESULTS)
  result!: ReleaseResult;

  @Description('Time of the result.')
  @IsString()
  @MaxLength(64)
  @IsRFC3339()
  at!: string;

  @Description('User who caused the result, or the operator. Requires the Kustomize component release-author.')
  @IsOptional()
  @IsString()
  @MaxLength(MAX_AUTHOR)
  by?: string;

  @Description('Human-readable explanation.')
  @IsString()
  @MaxLength(RELEASE_MESSAGE_MAX_LENGTH)
  message!: string;
}
