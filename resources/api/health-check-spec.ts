import { Type } from 'class-transformer';
import { IsOptional, IsString, Matches, Max, MaxLength, Min, MinLength, ValidateNested } from 'class-validator';
import { Description, Int32 } from '../../operator/schema/index.ts';
import { HealingSpec } from './healing-spec.ts';
import { ProbeTimings } from './probe-spec.ts';
import { HTTP_PATH, HTTP_PATH_MESSAGE } from './rules/http-path.ts';

/** How Kubernetes finds out whether pods are well, for all components; what one of them says in `probes` wins. */
export class HealthCheckSpec {
  @Description('Path asked for by HTTP. /health if left out.')
  @IsOptional()
  @IsString()
  @MinLength(1)
  @MaxLength(1024)
  @Matches(HTTP_PATH, { message: HTTP_PATH_MESSAGE })
  path?: string;

  @Description("Port asked by HTTP. Each component's own if left out.")
  @IsOptional()
  @Int32()
  @Min(1)
  @Max(65535)
  port?: number;

  @Description('When a container that fails is restarted. By default it is asked every 10 seconds, 3 times.')
  @IsOptional()
  @ValidateNested()
  @Type(() => ProbeTimings)
  liveness?: ProbeTimings;

  @Description('When a pod that fails gets no requests. By default it is asked every 5 seconds, 3 times.')
  @IsOptional()
  @ValidateNested()
  @Type(() => ProbeTimings)
  readiness?: ProbeTimings;

  @Description('How long containers may take to start. Not asked about by default; {} gives every 5 seconds, 30 times.')
  @IsOptional()
  @ValidateNested()
  @Type(() => ProbeTimings)
  startup?: ProbeTimings;

  @Description('What the operator does about pods that do not become well by themselves.')
  @IsOptional()
  @ValidateNested()
  @Type(() => HealingSpec)
  healing?: HealingSpec;
}
