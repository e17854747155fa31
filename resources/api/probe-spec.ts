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

/** Something of a pod that can be asked. */
class PortProbe {
  @Description("The port asked. The component's own if left out.")
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
  @Matches(/^[-A-Za-z0-9]+$/, { message: 'is no name of a header: use letters, digits and "-"' })
  name!: string;

  @Description('Value of the header.')
  @IsString()
  @MaxLength(1024)
  value!: string;
}

/** Well is what answers a GET with 200 to 399. */
class HttpProbe extends PortProbe {
  @Description("The port asked. spec.healthCheck.port if left out, else the component's own.")
  override port?: number;

  @Description('The path asked for. spec.healthCheck.path if left out.')
  @IsOptional()
  @IsString()
  @MinLength(1)
  @MaxLength(1024)
  @Matches(HTTP_PATH, { message: HTTP_PATH_MESSAGE })
  path?: string;

  @Description('HTTPS asks without checking the certificate.')
  @Default('HTTP')
  @IsString()
  @IsIn(['HTTP', 'HTTPS'])
  scheme!: 'HTTP' | 'HTTPS';

  @Description('Headers of the request.')
  @IsOptional()
  @IsArray()
  @ArrayMaxSize(16)
  @ValidateNested({ each: true })
  @Type(() => HttpHeader)
  httpHeaders?: HttpHeader[];
}

/** Well is what says SERVING by the gRPC health protocol. */
class GrpcProbe extends PortProbe {
  @Description('Service to ask about.')
  @IsOptional()
  @IsString()
  @MaxLength(253)
  service?: string;
}

/** Well is where the command ends with 0. */
class ExecProbe {
  @Description('Command to run in the container, not in a shell.')
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

/** When a container is asked, and when the verdict changes. What is not said keeps its default. */
export class ProbeTimings {
  @Description('Whether there is such a probe.')
  @Default(true)
  @IsBoolean()
  enabled!: boolean;

  @Description('Seconds after the start before it is asked for the first time.')
  @IsOptional()
  @Int32()
  @Min(0)
  initialDelaySeconds?: number;

  @Description('Seconds from one time to the next.')
  @IsOptional()
  @Int32()
  @Min(1)
  periodSeconds?: number;

  @Description('Seconds an answer may take.')
  @IsOptional()
  @Int32()
  @Min(1)
  timeoutSeconds?: number;

  @Description('How many times in a row it may fail before the verdict changes.')
  @IsOptional()
  @Int32()
  @Min(1)
  failureThreshold?: number;
}

/** How a container is found to be well. What is not said is taken from spec.healthCheck. */
@Cel(oneHandler)
export class ProbeSpec extends ProbeTimings {
  @Description('Asks by HTTP; this is how it is done if nothing else is said.')
  @IsOptional()
  @ValidateNested()
  @Type(() => HttpProbe)
  httpGet?: HttpProbe;

  @Description('Sees whether the port takes connections.')
  @IsOptional()
  @ValidateNested()
  @Type(() => PortProbe)
  tcpSocket?: PortProbe;

  @Description('Asks by the gRPC health protocol.')
  @IsOptional()
  @ValidateNested()
  @Type(() => GrpcProbe)
  grpc?: GrpcProbe;

  @Description('Runs a command in the container.')
  @IsOptional()
  @ValidateNested()
  @Type(() => ExecProbe)
  exec?: ExecProbe;
}

/** As ProbeSpec; Kubernetes lets only readiness ask for more than one success. */
export class ReadinessProbeSpec extends ProbeSpec {
  @Description('How many times in a row it must succeed before the verdict changes.')
  @IsOptional()
  @Int32()
  @Min(1)
  successThreshold?: number;
}

/** How Kubernetes finds out whether pods are well. */
export class ProbesSpec {
  @Description('A container that fails it is restarted. By default GET /health, every 10 seconds, 3 times.')
  @IsOptional()
  @ValidateNested()
  @Type(() => ProbeSpec)
  liveness?: ProbeSpec;

  @Description('A pod that fails it gets no requests. By default GET /health, every 5 seconds, 3 times.')
  @IsOptional()
  @ValidateNested()
  @Type(() => ReadinessProbeSpec)
  readiness?: ReadinessProbeSpec;

  @Description(
    'Until it succeeds the others wait; for containers that take long to start. None by default; {} gives GET /health, every 5 seconds, 30 times.',
  )
  @IsOptional()
  @ValidateNested()
  @Type(() => ProbeSpec)
  startup?: ProbeSpec;
}
