import { Type } from 'class-transformer';
import { IsBoolean, IsOptional, IsString, Matches, Max, MaxLength, Min, ValidateNested } from 'class-validator';
import { Default, Description, Int32 } from '../../operator/schema/index.ts';
import { HTTP_PATH, HTTP_PATH_MESSAGE } from './rules/http-path.ts';

class TracingSpec {
  @Description('OTLP endpoint that traces are sent to, such as http://collector.observability:4318.')
  @IsString()
  @MaxLength(1024)
  @Matches(/^https?:\/\/[!-~]+$/, { message: 'must be an http:// or https:// URL' })
  endpoint!: string;
}

class MetricsSpec {
  @Description('Whether Prometheus scrapes the components.')
  @Default(true)
  @IsBoolean()
  enabled!: boolean;

  @Description('Path of the metrics. Default: /metrics.')
  @IsOptional()
  @IsString()
  @MaxLength(1024)
  @Matches(HTTP_PATH, { message: HTTP_PATH_MESSAGE })
  path?: string;

  @Description("Port of the metrics. Defaults to the component's port, which Prometheus may then send any request to.")
  @IsOptional()
  @Int32()
  @Min(1)
  @Max(65535)
  port?: number;

  @Description('Scrape interval of the PodMonitor, such as 30s. Defaults to that of Prometheus.')
  @IsOptional()
  @IsString()
  @MaxLength(16)
  @Matches(/^[1-9][0-9]*(ms|s|m|h)$/, { message: 'must be a whole number with unit ms, s, m or h, such as 30s' })
  interval?: string;
}

/** Tracing and metrics of the components. */
export class ObservabilitySpec {
  @Description(
    'Tracing of the components. The endpoint is passed to the pods in the environment variables of the OpenTelemetry SDK.',
  )
  @IsOptional()
  @ValidateNested()
  @Type(() => TracingSpec)
  tracing?: TracingSpec;

  @Description('Metrics of the components: annotations on the pods, and a PodMonitor if the cluster serves that kind.')
  @IsOptional()
  @ValidateNested()
  @Type(() => MetricsSpec)
  metrics?: MetricsSpec;
}
