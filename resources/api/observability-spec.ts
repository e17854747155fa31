import { Type } from 'class-transformer';
import { IsBoolean, IsOptional, IsString, Matches, Max, MaxLength, Min, ValidateNested } from 'class-validator';
import { Default, Description, Int32 } from '../../operator/schema/index.ts';
import { HTTP_PATH, HTTP_PATH_MESSAGE } from './rules/http-path.ts';

class TracingSpec {
  @Description('Where traces are sent by OTLP, such as http://collector.observability:4318.')
  @IsString()
  @MaxLength(1024)
  @Matches(/^https?:\/\/[!-~]+$/, { message: 'must be a URL that starts with http:// or https://' })
  endpoint!: string;
}

class MetricsSpec {
  @Description('Whether Prometheus is to look.')
  @Default(true)
  @IsBoolean()
  enabled!: boolean;

  @Description('Path of the metrics. /metrics if left out.')
  @IsOptional()
  @IsString()
  @MaxLength(1024)
  @Matches(HTTP_PATH, { message: HTTP_PATH_MESSAGE })
  path?: string;

  @Description("Port of the metrics. Each component's own if left out.")
  @IsOptional()
  @Int32()
  @Min(1)
  @Max(65535)
  port?: number;

  @Description('How often a PodMonitor has Prometheus look, such as 30s. As Prometheus is set up if left out.')
  @IsOptional()
  @IsString()
  @MaxLength(16)
  @Matches(/^[1-9][0-9]*(ms|s|m|h)$/, { message: 'must be a whole number with ms, s, m or h, such as 30s' })
  interval?: string;
}

/** What the pods are told, and others of them, so that one can see how they are. */
export class ObservabilitySpec {
  @Description('Traces of the components. Pods are told where to send them.')
  @IsOptional()
  @ValidateNested()
  @Type(() => TracingSpec)
  tracing?: TracingSpec;

  @Description('Metrics of the components: annotations of the pods, and a PodMonitor where the cluster has that kind.')
  @IsOptional()
  @ValidateNested()
  @Type(() => MetricsSpec)
  metrics?: MetricsSpec;
}
