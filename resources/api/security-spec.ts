import { ArrayMaxSize, IsArray, IsBoolean, IsOptional, Min } from 'class-validator';
import { Description, Int32, ListType } from '../../operator/schema/index.ts';

/**
 * What may be said of the rights of a component's processes: all of it lies within Pod Security level `restricted`.
 * Source: https://kubernetes.io/docs/concepts/security/pod-security-standards/
 */
export class SecuritySpec {
  @Description("User id of the processes, instead of the image's. Never root.")
  @IsOptional()
  @Int32()
  @Min(1)
  runAsUser?: number;

  @Description('Group id of the processes.')
  @IsOptional()
  @Int32()
  @Min(1)
  runAsGroup?: number;

  @Description('Group that owns volumes, so that processes which are not root can write to them.')
  @IsOptional()
  @Int32()
  @Min(1)
  fsGroup?: number;

  @Description('Further groups of the processes.')
  @IsOptional()
  @IsArray()
  @ArrayMaxSize(32)
  @Int32({ each: true })
  @Min(1, { each: true })
  @ListType('set')
  supplementalGroups?: number[];

  @Description("Whether the image's files are read-only. Pods then get an empty, writable /tmp.")
  @IsOptional()
  @IsBoolean()
  readOnlyRootFilesystem?: boolean;

  @Description('Whether processes may listen on ports below 1024.')
  @IsOptional()
  @IsBoolean()
  bindLowPorts?: boolean;
}
