import { IsIn, IsOptional, IsString } from 'class-validator';
import { Default, Description, MapOf } from '../../operator/schema/index.ts';
import { ANNOTATIONS } from './rules/label-rules.ts';

export const SERVICE_TYPES = ['ClusterIP', 'NodePort', 'LoadBalancer'] as const;

/** Service of a component. */
export class ServiceSpec {
  @Description(
    'Service type. ClusterIP: reachable inside the cluster; NodePort: also by a port of every node; LoadBalancer: also by a load balancer.',
  )
  @Default('ClusterIP')
  @IsString()
  @IsIn(SERVICE_TYPES)
  type!: (typeof SERVICE_TYPES)[number];

  @Description('Annotations of the Service, for example for load balancers of cloud providers.')
  @IsOptional()
  @MapOf(ANNOTATIONS)
  annotations?: Record<string, string>;
}
