import { Type } from 'class-transformer';
import {
  ArrayMaxSize,
  IsArray,
  IsIn,
  IsInt,
  IsOptional,
  IsRFC3339,
  IsString,
  Matches,
  MaxLength,
  Min,
  MinLength,
  ValidateNested,
} from 'class-validator';
import type { Condition } from '../../operator/reconcile/conditions.ts';
import { Description, Int32, ListType } from '../../operator/schema/index.ts';
import { ChecksStatus } from './checks-status.ts';
import { COMPONENTS, type ComponentName } from './component-name.ts';
import { RejectionStatus, RollbackStatus } from './decision-status.ts';
import type { Colour } from './environment-name.ts';
import { HealingStatus } from './healing-status.ts';
import { HookStatus } from './hook-status.ts';
import { EnvironmentStatus, ReleaseRecord, ReleaseStatus } from './release-status.ts';
import { RecommendedAmounts, ScalingStatus } from './scaling-status.ts';
import { TrialStatus } from './trial-status.ts';

/** A condition in the standard form of Kubernetes (`kubectl wait --for=condition=…`). */
export class ConditionFields implements Condition {
  @Description('Type of the condition, such as Ready or Progressing.')
  @IsString()
  @MinLength(1)
  @MaxLength(316)
  @Matches(
    /^([a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*\/)?(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])$/,
  )
  type!: string;

  @Description('Status of the condition: True, False or Unknown.')
  @IsString()
  @IsIn(['True', 'False', 'Unknown'])
  status!: 'True' | 'False' | 'Unknown';

  @Description(
    'metadata.generation that this condition reflects. The condition is out of date if the RestAPI has a newer one.',
  )
  @IsOptional()
  @IsInt()
  @Min(0)
  observedGeneration?: number;

  @Description('When the status of the condition last changed.')
  @IsString()
  @MaxLength(64)
  @IsRFC3339()
  lastTransitionTime!: string;

  @Description('Machine-readable reason in CamelCase.')
  @IsString()
  @MinLength(1)
  @MaxLength(1024)
  @Matches(/^[A-Za-z]([A-Za-z0-9_,:]*[A-Za-z0-9_])?$/)
  reason!: string;

  @Description('Human-readable explanation.')
  @IsString()
  @MaxLength(32768)
  message!: string;
}

/** State of one component. */
export class ComponentStatus {
  @Description('Name of the component.')
  @IsString()
  @IsIn(COMPONENTS)
  name!: ComponentName;

  @Description('Desired number of pods of the component.')
  @Int32()
  @Min(0)
  replicas!: number;

  @Description('Number of ready pods of the component.')
  @Int32()
  @Min(0)
  readyReplicas!: number;

  @Description('State of the horizontal scaling.')
  @IsOptional()
  @ValidateNested()
  @Type(() => ScalingStatus)
  scaling?: ScalingStatus;

  @Description('Recommended resource requests of each pod.')
  @IsOptional()
  @ValidateNested()
  @Type(() => RecommendedAmounts)
  recommended?: RecommendedAmounts;

  @Description('Why the component is not ready, such as OOMKilled, CrashLoopBackOff or Unschedulable.')
  @IsOptional()
  @IsString()
  @MaxLength(64)
  reason?: string;

  @Description('Details: the affected pod and container, what happened and what to do.')
  @IsOptional()
  @IsString()
  @MaxLength(1024)
  message?: string;
}

/** Observed state of a RestAPI. Written only by the operator. */
export class RestAPIStatus {
  @Description('Overall state: Pending, Progressing, Ready, Degraded, Stopped, Failed or Deleting.')
  @IsOptional()
  @IsString()
  @MaxLength(64)
  phase?: string;

  @Description('Desired number of pods of all components.')
  @IsOptional()
  @Int32()
  @Min(0)
  replicas?: number;

  @Description('Number of ready pods of all components.')
  @IsOptional()
  @Int32()
  @Min(0)
  readyReplicas?: number;

  @Description(
    'metadata.generation that this status reflects. The status is out of date if the RestAPI has a newer one.',
  )
  @IsOptional()
  @IsInt()
  @Min(0)
  observedGeneration?: number;

  @Description('Label selector of the pods of all components, for kubectl get pods -l.')
  @IsOptional()
  @IsString()
  @MaxLength(1024)
  selector?: string;

  @Description('When a rollout of the application last completed.')
  @IsOptional()
  @IsString()
  @MaxLength(64)
  @IsRFC3339()
  lastDeploymentTime?: string;

  @Description('Conditions of the RestAPI.')
  @IsOptional()
  @IsArray()
  @ArrayMaxSize(32)
  @ValidateNested({ each: true })
  @Type(() => ConditionFields)
  @ListType('map', ['type'])
  conditions?: Condition[];

  @Description('State of the components.')
  @IsOptional()
  @IsArray()
  @ArrayMaxSize(8)
  @ValidateNested({ each: true })
  @Type(() => ComponentStatus)
  @ListType('map', ['name'])
  components?: ComponentStatus[];

  @Description('Healing actions of the operator.')
  @IsOptional()
  @ValidateNested()
  @Type(() => HealingStatus)
  healing?: HealingStatus;

  @Description('Environment that receives traffic: blue or green. Unset without blue-green releases.')
  @IsOptional()
  @IsString()
  @IsIn(['blue', 'green'])
  activeEnvironment?: Colour;

  @Description('Revision that the spec requests, with blue-green releases.')
  @IsOptional()
  @IsString()
  @MaxLength(63)
  requestedRevision?: string;

  @Description('State of the environments, with blue-green releases.')
  @IsOptional()
  @IsArray()
  @ArrayMaxSize(3)
  @ValidateNested({ each: true })
  @Type(() => EnvironmentStatus)
  @ListType('map', ['name'])
  environments?: EnvironmentStatus[];

  @Description('The release in progress.')
  @IsOptional()
  @ValidateNested()
  @Type(() => ReleaseStatus)
  release?: ReleaseStatus;

  @Description('Present while the active revision is on trial: it can still be rolled back automatically.')
  @IsOptional()
  @ValidateNested()
  @Type(() => TrialStatus)
  trial?: TrialStatus;

  @Description('Checks of the release in progress, or of the last one.')
  @IsOptional()
  @ValidateNested()
  @Type(() => ChecksStatus)
  checks?: ChecksStatus;

  @Description(
    'Rejections, newest first: as many as spec.blueGreen.revisionHistoryLimit, and those of revisions in use. A rejected version is not released again until a user lets it go with kubectl restapi retry.',
  )
  @IsOptional()
  @IsArray()
  @ArrayMaxSize(128)
  @ValidateNested({ each: true })
  @Type(() => RejectionStatus)
  @ListType('atomic')
  rejections?: RejectionStatus[];

  @Description('Requested rollback to an earlier revision, which takes precedence over the spec.')
  @IsOptional()
  @ValidateNested()
  @Type(() => RollbackStatus)
  rollback?: RollbackStatus;

  @Description('The last run of each hook.')
  @IsOptional()
  @IsArray()
  @ArrayMaxSize(3)
  @ValidateNested({ each: true })
  @Type(() => HookStatus)
  @ListType('map', ['name'])
  hooks?: HookStatus[];

  @Description('Versions whose migration is done, or that served before there was one.')
  @IsOptional()
  @IsArray()
  @ArrayMaxSize(200)
  @IsString({ each: true })
  @MaxLength(63, { each: true })
  migrated?: string[];

  @Description('The last ten releases, newest first.')
  @IsOptional()
  @IsArray()
  @ArrayMaxSize(10)
  @ValidateNested({ each: true })
  @Type(() => ReleaseRecord)
  @ListType('atomic')
  history?: ReleaseRecord[];
}
