import { Type } from 'class-transformer';
import { IsOptional, IsString, Matches, Max, MaxLength, Min, MinLength, ValidateNested } from 'class-validator';
import { Description, Int32 } from '../../operator/schema/index.ts';
import { HealingSpec } from './healing-spec.ts';
import { ProbeTimings } from './probe-spec.ts';
import { HTTP_PATH, HTTP_PATH_MESSAGE } from './rules/http-path.ts';

/** Probes and healing of all components. `probes` of a component takes precedence. */
export class HealthCheckSpec {
  @Description('Path of HTTP probes. Default: /health.')
  @IsOptional()
  @IsString()
  @MinLength(1)
  @MaxLength(1024)
  @Matches(HTTP_PATH, { message: HTTP_PATH_MESSAGE })
  path?: string;

  @Description("Port of HTTP probes. Defaults to the component's port.")
  @IsOptional()
  @Int32()
  @Min(1)
  @Max(65535)
  port?: number;

  @Description('Liveness probe: the container is restarted when it fails. Default: every 10 seconds, 3 failures.')
  @IsOptional()
  @ValidateNested()
  @Type(() => ProbeTimings)
  liveness?: ProbeTimings;

  @Description('Readiness probe: the pod receives no requests while it fails. Default: every 5 seconds, 3 failures.')
  @IsOptional()
  @ValidateNested()
  @Type(() => ProbeTimings)
  readiness?: ProbeTimings;

  @Description(
    'Startup probe: limits how long a container may take to start. None by default; {} enables one every 5 seconds, 30 failures.',
  )
  @IsOptional()
  @ValidateNested()
  @Type(() => ProbeTimings)
  startup?: ProbeTimings;

  @Description('Healing of pods that do not recover on their own.')
  @IsOptional()
  @ValidateNested()
  @Type(() => HealingSpec)
  healing?: HealingSpec;
}
