import { Type } from 'class-transformer';
import {
  ArrayMaxSize,
  ArrayMinSize,
  IsArray,
  IsBoolean,
  IsIn,
  IsOptional,
  IsString,
  Matches,
  Max,
  MaxLength,
  Min,
  MinLength,
  ValidateNested,
} from 'class-validator';
import { Cel, type CelRule, Default, Description, Int32 } from '../../operator/schema/index.ts';
import { HTTP_PATH, HTTP_PATH_MESSAGE } from './rules/http-path.ts';

const HANDLERS = ['httpGet', 'tcpSocket', 'grpc', 'exec'] as const;

/** A probe of a port. */
class PortProbe {
  @Description("Port to probe. Defaults to the component's port.")
  @IsOptional()
  @Int32()
  @Min(1)
  @Max(65535)
  port?: number;
}

class HttpHeader {
  @Description('Name of the header.')
  @IsString()
  @MinLength(1)
  @MaxLength(128)
  @Matches(/^[-A-Za-z0-9]+$/, { message: 'is not a valid header name: use letters, digits and "-"' })
  name!: string;

  @Description('Value of the header.')
  @IsString()
  @MaxLength(1024)
  value!: string;
}

/** Healthy if a GET request returns a status from 200 to 399. */
class HttpProbe extends PortProbe {
  @Description("Port to probe. Defaults to spec.healthCheck.port, else to the component's port.")
  override port?: number;

  @Description('Request path. Defaults to spec.healthCheck.path.')
  @IsOptional()
  @IsString()
  @MinLength(1)
  @MaxLength(1024)
  @Matches(HTTP_PATH, { message: HTTP_PATH_MESSAGE })
  path?: string;

  @Description('Scheme of the request. HTTPS does not verify the certificate.')
  @Default('HTTP')
  @IsString()
  @IsIn(['HTTP', 'HTTPS'])
  scheme!: 'HTTP' | 'HTTPS';

  @Description('Request headers.')
  @IsOptional()
  @IsArray()
  @ArrayMaxSize(16)
  @ValidateNested({ each: true })
  @Type(() => HttpHeader)
  httpHeaders?: HttpHeader[];
}

/** Healthy if the gRPC health checking protocol returns SERVING. */
class GrpcProbe extends PortProbe {
  @Description('Name of the gRPC service to check.')
  @IsOptional()
  @IsString()
  @MaxLength(253)
  service?: string;
}

/** Healthy if the command exits with 0. */
class ExecProbe {
  @Description('Command to run in the container. Not run in a shell.')
  @IsArray()
  @ArrayMinSize(1)
  @ArrayMaxSize(32)
  @IsString({ each: true })
  @MaxLength(1024, { each: true })
  command!: string[];
}

const oneHandler: CelRule<ProbeSpec> = {
  rule: `[${HANDLERS.map((name) => `has(self.${name})`).join(', ')}].filter(given, given).size() <= 1`,
  message: `has more than one of ${HANDLERS.join(', ')}: keep one`,
  check: (probe) => HANDLERS.filter((name) => probe[name] !== undefined).length <= 1,
};

/** Timings and thresholds of a probe. Fields left out keep their defaults. */
export class ProbeTimings {
  @Description('Whether the probe is enabled.')
  @Default(true)
  @IsBoolean()
  enabled!: boolean;

  @Description('Seconds after container start before the first probe.')
  @IsOptional()
  @Int32()
  @Min(0)
  initialDelaySeconds?: number;

  @Description('Seconds between probes.')
  @IsOptional()
  @Int32()
  @Min(1)
  periodSeconds?: number;

  @Description('Timeout of a probe in seconds.')
  @IsOptional()
  @Int32()
  @Min(1)
  timeoutSeconds?: number;

  @Description('Number of consecutive failures after which the probe counts as failed.')
  @IsOptional()
  @Int32()
  @Min(1)
  failureThreshold?: number;
}

/** A probe of a container. Fields left out are taken from spec.healthCheck. */
@Cel(oneHandler)
export class ProbeSpec extends ProbeTimings {
  @Description('Probes by HTTP. This is the default.')
  @IsOptional()
  @ValidateNested()
  @Type(() => HttpProbe)
  httpGet?: HttpProbe;

  @Description('Probes by opening a TCP connection.')
  @IsOptional()
  @ValidateNested()
  @Type(() => PortProbe)
  tcpSocket?: PortProbe;

  @Description('Probes by the gRPC health checking protocol.')
  @IsOptional()
  @ValidateNested()
  @Type(() => GrpcProbe)
  grpc?: GrpcProbe;

  @Description('Probes by running a command in the container.')
  @IsOptional()
  @ValidateNested()
  @Type(() => ExecProbe)
  exec?: ExecProbe;
}

/** A readiness probe. Kubernetes allows other success thresholds than 1 only for readiness. */
export class ReadinessProbeSpec extends ProbeSpec {
  @Description('Number of consecutive successes after which the probe counts as succeeded.')
  @IsOptional()
  @Int32()
  @Min(1)
  successThreshold?: number;
}

/** Probes of the pods of a component. */
export class ProbesSpec {
  @Description('The container is restarted when it fails. Default: GET /health every 10 seconds, 3 failures.')
  @IsOptional()
  @ValidateNested()
  @Type(() => ProbeSpec)
  liveness?: ProbeSpec;

  @Description('The pod receives no requests while it fails. Default: GET /health every 5 seconds, 3 failures.')
  @IsOptional()
  @ValidateNested()
  @Type(() => ReadinessProbeSpec)
  readiness?: ReadinessProbeSpec;

  @Description(
    'The other probes wait until it succeeds; for containers that start slowly. None by default; {} enables GET /health every 5 seconds, 30 failures.',
  )
  @IsOptional()
  @ValidateNested()
  @Type(() => ProbeSpec)
  startup?: ProbeSpec;
}
