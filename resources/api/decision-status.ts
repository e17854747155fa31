import { IsBoolean, IsIn, IsOptional, IsRFC3339, IsString, MaxLength } from 'class-validator';
import { Description } from '../../operator/schema/index.ts';
import { AUTHOR_MAX_LENGTH, RELEASE_MESSAGE_MAX_LENGTH } from './release-status.ts';

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
  @MaxLength(AUTHOR_MAX_LENGTH)
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
  @MaxLength(AUTHOR_MAX_LENGTH)
  by?: string;

  @Description('Whether a ConfigMap changed since. The active version gets the new content.')
  @IsOptional()
  @IsBoolean()
  configChanged?: boolean;
}
