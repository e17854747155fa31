import { IsIn, IsOptional, IsString } from 'class-validator';
import { Default, Description, MapOf } from '../../operator/schema/index.ts';
import { ANNOTATIONS } from './rules/label-rules.ts';

export const SERVICE_TYPES = ['ClusterIP', 'NodePort', 'LoadBalancer'] as const;

/** How a component is reached. */
export class ServiceSpec {
  @Description(
    'ClusterIP: from inside the cluster; NodePort: also by a port of every node; LoadBalancer: by one of its own.',
  )
  @Default('ClusterIP')
  @IsString()
  @IsIn(SERVICE_TYPES)
  type!: (typeof SERVICE_TYPES)[number];

  @Description('Annotations of the Service, as load balancers of cloud providers read them.')
  @IsOptional()
  @MapOf(ANNOTATIONS)
  annotations?: Record<string, string>;
}
