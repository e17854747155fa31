import { Type } from 'class-transformer';
import {
  ArrayMaxSize,
  IsArray,
  IsBoolean,
  IsIn,
  IsNumber,
  IsOptional,
  IsString,
  Matches,
  Max,
  MaxLength,
  Min,
  MinLength,
  ValidateNested,
} from 'class-validator';
import { Cel, type CelRule, Default, Description, Int32, ListType } from '../../operator/schema/index.ts';
import { COMPONENTS, type ComponentName } from './component-name.ts';
import { CommandWords } from './rules/command-words.ts';
import { LABEL } from './rules/dns-name.ts';
import { HTTP_PATH, HTTP_PATH_MESSAGE } from './rules/http-path.ts';
import { IMAGE_MAX_LENGTH, IMAGE_MESSAGE, IMAGE_REFERENCE } from './rules/image-reference.ts';

const KINDS = ['http', 'job', 'prometheus'] as const;
const DAY_SECONDS = 24 * 3_600;
/** The longest timeout of a request, in seconds: while it runs, it takes one of the turns of its namespace. */
const REQUEST_TIMEOUT_SECONDS = 300;

/** Whether checks run before or after the switch. */
export type CheckStage = 'prePromotion' | 'postPromotion';

/**
 * A GET request to a Service of the RestAPI. Host and port cannot be chosen, so that the operator cannot be used to
 * call anything else.
 */
export class HttpCheck {
  @Description('Request path.')
  @Default('/health')
  @IsString()
  @MinLength(1)
  @MaxLength(1024)
  @Matches(HTTP_PATH, { message: HTTP_PATH_MESSAGE })
  path!: string;

  @Description('Component to call. Defaults to the entry component.')
  @IsOptional()
  @IsString()
  @IsIn(COMPONENTS)
  component?: ComponentName;

  @Description('Lowest status code that counts as success.')
  @Default(200)
  @Int32()
  @Min(100)
  @Max(599)
  minStatus!: number;

  @Description('Highest status code that counts as success. Redirects are not followed.')
  @Default(299)
  @Int32()
  @Min(100)
  @Max(599)
  maxStatus!: number;
}

/** An environment variable of the container of a Job. */
export class CheckVariable {
  @Description('Name of the variable.')
  @IsString()
  @MinLength(1)
  @MaxLength(253)
  @Matches(/^[-._a-zA-Z][-._a-zA-Z0-9]*$/)
  name!: string;

  @Description('Value of the variable.')
  @Default('')
  @IsString()
  @MaxLength(4096)
  value!: string;
}

/** A Job with one pod, which succeeds if the pod exits with 0. */
export class JobCheck {
  @Description('Image of the container.')
  @IsString()
  @MinLength(1)
  @MaxLength(IMAGE_MAX_LENGTH)
  @Matches(IMAGE_REFERENCE, { message: IMAGE_MESSAGE })
  image!: string;

  @Description("Command. Overrides the image's entrypoint.")
  @CommandWords({ least: 1, most: 32 })
  command?: string[];

  @Description('Arguments of the command.')
  @CommandWords({ most: 32 })
  args?: string[];

  @Description('Environment variables, in addition to the addresses of the environment under test.')
  @IsOptional()
  @IsArray()
  @ArrayMaxSize(32)
  @ValidateNested({ each: true })
  @Type(() => CheckVariable)
  @ListType('map', ['name'])
  env?: CheckVariable[];
}

const someBound: CelRule<PrometheusCheck> = {
  rule: 'has(self.min) || has(self.max)',
  message: 'has no bounds: set min, max or both',
  check: ({ min, max }) => min !== undefined || max !== undefined,
};

/** An instant query to the Prometheus server of the operator. */
@Cel(someBound)
export class PrometheusCheck {
  @Description(
    'PromQL query. {{name}}, {{namespace}} and {{environment}} are replaced. It must return at least one value.',
  )
  @IsString()
  @MinLength(1)
  @MaxLength(4096)
  query!: string;

  @Description('Lowest value that passes the check.')
  @IsOptional()
  @IsNumber()
  min?: number;

  @Description('Highest value that passes the check.')
  @IsOptional()
  @IsNumber()
  max?: number;
}

const oneKind: CelRule<CheckSpec> = {
  rule: `[${KINDS.map((kind) => `has(self.${kind})`).join(', ')}].filter(given, given).size() == 1`,
  message: `must have exactly one of ${KINDS.join(', ')}`,
  check: (check) => KINDS.filter((kind) => check[kind] !== undefined).length === 1,
};

const boundedRequest: CelRule<CheckSpec> = {
  rule: `has(self.job) || !has(self.timeoutSeconds) || self.timeoutSeconds <= ${REQUEST_TIMEOUT_SECONDS}`,
  message: `timeoutSeconds must be at most ${REQUEST_TIMEOUT_SECONDS} for http and prometheus checks; only a job may take longer`,
  check: ({ job, timeoutSeconds = 0 }) => job !== undefined || timeoutSeconds <= REQUEST_TIMEOUT_SECONDS,
};

/** A check of a release. */
@Cel(oneKind, boundedRequest)
export class CheckSpec {
  @Description('Name of the check.')
  @IsString()
  @MinLength(1)
  @MaxLength(63)
  @Matches(LABEL)
  name!: string;

  @Description(
    'Sends a GET request to a Service of this RestAPI: the preview before the switch, the active environment after it.',
  )
  @IsOptional()
  @ValidateNested()
  @Type(() => HttpCheck)
  http?: HttpCheck;

  @Description('Runs a Job, which must succeed.')
  @IsOptional()
  @ValidateNested()
  @Type(() => JobCheck)
  job?: JobCheck;

  @Description('Runs a Prometheus query. Requires the operator flag --prometheus-url.')
  @IsOptional()
  @ValidateNested()
  @Type(() => PrometheusCheck)
  prometheus?: PrometheusCheck;

  @Description('Number of successful attempts required.')
  @Default(1)
  @Int32()
  @Min(1)
  @Max(1000)
  successes!: number;

  @Description('Number of failed attempts tolerated.')
  @Default(0)
  @Int32()
  @Min(0)
  @Max(1000)
  allowedFailures!: number;

  @Description('Seconds between the end of an attempt and the start of the next.')
  @Default(10)
  @Int32()
  @Min(1)
  @Max(DAY_SECONDS)
  intervalSeconds!: number;

  @Description('Timeout of an attempt in seconds, at most 300 except for a Job. Defaults to 10, or 600 for a Job.')
  @IsOptional()
  @Int32()
  @Min(1)
  @Max(DAY_SECONDS)
  timeoutSeconds?: number;

  @Description('Seconds to wait before the first attempt. Defaults to 0.')
  @IsOptional()
  @Int32()
  @Min(0)
  @Max(DAY_SECONDS)
  initialDelaySeconds?: number;

  @Description(
    'Seconds an attempt may go without an answer (the name is not resolved, Prometheus is away or has no data). Then the result is Unknown: the revision is not rejected, and before promotion it waits for a person. Defaults to 300.',
  )
  @IsOptional()
  @Int32()
  @Min(0)
  @Max(DAY_SECONDS)
  unknownAfterSeconds?: number;

  @Description('Makes and reports the check without counting its result. Defaults to false.')
  @IsOptional()
  @IsBoolean()
  dryRun?: boolean;
}

/** Returns how long an attempt may go without an answer, in seconds. */
export function unknownAfterOf({ unknownAfterSeconds }: CheckSpec): number {
  return unknownAfterSeconds ?? 300;
}

/**
 * Returns the timeout of an attempt in seconds. That of a request is at most 300, also of a RestAPI or revision stored before
 * there was a limit.
 */
export function timeoutOf({ job, timeoutSeconds }: CheckSpec): number {
  if (job) return timeoutSeconds ?? 600;
  return Math.min(timeoutSeconds ?? 10, REQUEST_TIMEOUT_SECONDS);
}
