import { Type } from 'class-transformer';
import { IsOptional, ValidateNested } from 'class-validator';
import { Atomic, Default, Description } from '../../operator/schema/index.ts';
import type { ComponentName } from './component-name.ts';
import { ComponentSpec } from './component-spec.ts';
import { ExposeSpec } from './expose-spec.ts';
import type { ResourceAmounts } from './resource-amounts.ts';
import { StorageSpec } from './storage-spec.ts';

export const DEFAULT_PORTS = { model: 8080, view: 3000, controller: 8081, repository: 8082 } as const satisfies Record<
  ComponentName,
  number
>;

/** Business logic: CPU-intensive, so its CPU limit is far above its request. */
export class ModelSpec extends ComponentSpec {
  @Default(DEFAULT_PORTS.model)
  override port!: number;

  @Default({ requests: { cpu: '250m', memory: '256Mi' }, limits: { cpu: '2', memory: '512Mi' } })
  override resources!: ResourceAmounts;
}

/** Templates and formatting: memory-intensive. */
export class ViewSpec extends ComponentSpec {
  @Default(DEFAULT_PORTS.view)
  override port!: number;

  @Default({ requests: { cpu: '100m', memory: '512Mi' }, limits: { cpu: '500m', memory: '1Gi' } })
  override resources!: ResourceAmounts;

  @Description(
    'Exposes the view outside the cluster by an Ingress or an HTTPRoute. If left out, only its Service exists.',
  )
  @IsOptional()
  @ValidateNested()
  @Type(() => ExposeSpec)
  expose?: ExposeSpec;
}

/** Routing and flow control: balanced. */
export class ControllerSpec extends ComponentSpec {
  @Default(DEFAULT_PORTS.controller)
  override port!: number;

  @Default({ requests: { cpu: '200m', memory: '256Mi' }, limits: { cpu: '1', memory: '512Mi' } })
  override resources!: ResourceAmounts;
}

/** Data access and caching: I/O-intensive, so little CPU, memory for caches and a limit on ephemeral storage. */
export class RepositorySpec extends ComponentSpec {
  @Default(DEFAULT_PORTS.repository)
  override port!: number;

  @Default({
    requests: { cpu: '100m', memory: '256Mi', 'ephemeral-storage': '1Gi' },
    limits: { cpu: '500m', memory: '512Mi', 'ephemeral-storage': '2Gi' },
  })
  override resources!: ResourceAmounts;

  @Description('Persistent volume of the repository, shared by its pods. None if left out.')
  @Atomic()
  @IsOptional()
  @ValidateNested()
  @Type(() => StorageSpec)
  storage?: StorageSpec;
}
