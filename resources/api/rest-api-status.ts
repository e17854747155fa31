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
import type { Colour } from './environment-name.ts';
import { HealingStatus } from './healing-status.ts';
import { EnvironmentStatus, RejectedStatus, ReleaseRecord, ReleaseStatus, RollbackStatus } from './release-status.ts';
import { RecommendedAmounts, ScalingStatus } from './scaling-status.ts';

/** One aspect of the state, in the shape all Kubernetes tools know (`kubectl wait --for=condition=…`). */
export class ConditionFields implements Condition {
  @Description('Which aspect, such as Ready or Progressing.')
  @IsString()
  @MinLength(1)
  @MaxLength(316)
  @Matches(
    /^([a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*\/)?(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])$/,
  )
  type!: string;

  @Description('True, False, or Unknown.')
  @IsString()
  @IsIn(['True', 'False', 'Unknown'])
  status!: 'True' | 'False' | 'Unknown';

  @Description('Generation of the spec the condition was judged by; older than metadata.generation means out of date.')
  @IsOptional()
  @IsInt()
  @Min(0)
  observedGeneration?: number;

  @Description('When the status last changed from one value to another.')
  @IsString()
  @MaxLength(64)
  @IsRFC3339()
  lastTransitionTime!: string;

  @Description('Why, in one CamelCase word for programs.')
  @IsString()
  @MinLength(1)
  @MaxLength(1024)
  @Matches(/^[A-Za-z]([A-Za-z0-9_,:]*[A-Za-z0-9_])?$/)
  reason!: string;

  @Description('Why, in a sentence for people.')
  @IsString()
  @MaxLength(32768)
  message!: string;
}

/** How many pods one component should have, and has. */
export class ComponentStatus {
  @Description('The component.')
  @IsString()
  @IsIn(COMPONENTS)
  name!: ComponentName;

  @Description('Number of pods the component should have.')
  @Int32()
  @Min(0)
  replicas!: number;

  @Description('Number of pods of the component that are ready.')
  @Int32()
  @Min(0)
  readyReplicas!: number;

  @Description('How its number of pods follows its load.')
  @IsOptional()
  @ValidateNested()
  @Type(() => ScalingStatus)
  scaling?: ScalingStatus;

  @Description('What each of its pods should request, by what they use.')
  @IsOptional()
  @ValidateNested()
  @Type(() => RecommendedAmounts)
  recommended?: RecommendedAmounts;

  @Description('What keeps it from being ready, in one word such as OOMKilled, CrashLoopBackOff or Unschedulable.')
  @IsOptional()
  @IsString()
  @MaxLength(64)
  reason?: string;

  @Description('What keeps it from being ready, in words: which pod and container, what happened and what to do.')
  @IsOptional()
  @IsString()
  @MaxLength(1024)
  message?: string;
}

/** What is. Written by the operator alone. */
export class RestAPIStatus {
  @Description('The state in one word: Pending, Progressing, Ready, Degraded, Stopped, Failed or Deleting.')
  @IsOptional()
  @IsString()
  @MaxLength(64)
  phase?: string;

  @Description('Number of pods all components together should have.')
  @IsOptional()
  @Int32()
  @Min(0)
  replicas?: number;

  @Description('Number of pods of all components together that are ready.')
  @IsOptional()
  @Int32()
  @Min(0)
  readyReplicas?: number;

  @Description('Generation of the spec this status is about; older than metadata.generation means out of date.')
  @IsOptional()
  @IsInt()
  @Min(0)
  observedGeneration?: number;

  @Description('Labels that select the pods of all components, to be given to kubectl get pods -l.')
  @IsOptional()
  @IsString()
  @MaxLength(1024)
  selector?: string;

  @Description('When a version of the application was last completely rolled out.')
  @IsOptional()
  @IsString()
  @MaxLength(64)
  @IsRFC3339()
  lastDeploymentTime?: string;

  @Description('The state aspect by aspect.')
  @IsOptional()
  @IsArray()
  @ArrayMaxSize(32)
  @ValidateNested({ each: true })
  @Type(() => ConditionFields)
  @ListType('map', ['type'])
  conditions?: Condition[];

  @Description('The state component by component.')
  @IsOptional()
  @IsArray()
  @ArrayMaxSize(8)
  @ValidateNested({ each: true })
  @Type(() => ComponentStatus)
  @ListType('map', ['name'])
  components?: ComponentStatus[];

  @Description('What the operator did to heal it.')
  @IsOptional()
  @ValidateNested()
  @Type(() => HealingStatus)
  healing?: HealingStatus;

  @Description('Where requests go: blue or green. Left out while it is neither.')
  @IsOptional()
  @IsString()
  @IsIn(['blue', 'green'])
  activeEnvironment?: Colour;

  @Description('The state environment by environment, with blue-green releases.')
  @IsOptional()
  @IsArray()
  @ArrayMaxSize(3)
  @ValidateNested({ each: true })
  @Type(() => EnvironmentStatus)
  @ListType('map', ['name'])
  environments?: EnvironmentStatus[];

  @Description('The release under way.')
  @IsOptional()
  @ValidateNested()
  @Type(() => ReleaseStatus)
  release?: ReleaseStatus;

  @Description('The checks of the release under way, or of the last one.')
  @IsOptional()
  @ValidateNested()
  @Type(() => ChecksStatus)
  checks?: ChecksStatus;

  @Description('The last revision the operator gave up by itself.')
  @IsOptional()
  @ValidateNested()
  @Type(() => RejectedStatus)
  rejected?: RejectedStatus;

  @Description('A revision of the past that is to be active instead of what the spec asks for.')
  @IsOptional()
  @ValidateNested()
  @Type(() => RollbackStatus)
  rollback?: RollbackStatus;

  @Description('The last ten releases, the newest first.')
  @IsOptional()
  @IsArray()
  @ArrayMaxSize(10)
  @ValidateNested({ each: true })
  @Type(() => ReleaseRecord)
  @ListType('atomic')
  history?: ReleaseRecord[];
}
