import { ArrayMaxSize, IsArray, IsBoolean, IsIn, IsOptional, IsString, Min } from 'class-validator';
import { Description, Int32, ListType } from '../../operator/schema/index.ts';

/**
 * Security context of a component. All values comply with the Pod Security Standard `restricted`.
 * Source: https://kubernetes.io/docs/concepts/security/pod-security-standards/
 */
export class SecuritySpec {
  @Description("User ID of the processes. Overrides the image's user. root is not allowed.")
  @IsOptional()
  @Int32()
  @Min(1)
  runAsUser?: number;

  @Description('Group ID of the processes.')
  @IsOptional()
  @Int32()
  @Min(1)
  runAsGroup?: number;

  @Description('Group that owns the volumes, so that non-root processes can write to them.')
  @IsOptional()
  @Int32()
  @Min(1)
  fsGroup?: number;

  @Description('Supplemental groups of the processes.')
  @IsOptional()
  @IsArray()
  @ArrayMaxSize(32)
  @Int32({ each: true })
  @Min(1, { each: true })
  @ListType('set')
  supplementalGroups?: number[];

  @Description('Whether the root filesystem is read-only. The pods then get an empty, writable /tmp.')
  @IsOptional()
  @IsBoolean()
  readOnlyRootFilesystem?: boolean;

  @Description('Whether processes may listen on ports below 1024.')
  @IsOptional()
  @IsBoolean()
  bindLowPorts?: boolean;

  @Description(
    'AppArmor profile of the pods. RuntimeDefault requires nodes with AppArmor: the kubelet of others rejects the pods. Without this field, nodes with AppArmor apply the same profile and the others run the pods without AppArmor.',
  )
  @IsOptional()
  @IsString()
  @IsIn(['RuntimeDefault'])
  appArmorProfile?: 'RuntimeDefault';
}
