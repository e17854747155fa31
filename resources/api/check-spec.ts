import { Type } from 'class-transformer';
import {
  ArrayMaxSize,
  ArrayMinSize,
  IsArray,
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
import { LABEL } from './rules/dns-name.ts';
import { HTTP_PATH, HTTP_PATH_MESSAGE } from './rules/http-path.ts';
import { IMAGE_MAX_LENGTH, IMAGE_MESSAGE, IMAGE_REFERENCE } from './rules/image-reference.ts';

const KINDS = ['http', 'job', 'prometheus'] as const;
const DAY_SECONDS = 24 * 3_600;

/** Whether checks are made before or after the switch. */
export type CheckStage = 'prePromotion' | 'postPromotion';

/**
 * A GET to a Service of the RestAPI itself. There is no host to be chosen, so the operator cannot be made to call
 * anything else, and no port, as a component's Service has one.
 */
export class HttpCheck {
  @Description('The path asked for.')
  @Default('/health')
  @IsString()
  @MinLength(1)
  @MaxLength(1024)
  @Matches(HTTP_PATH, { message: HTTP_PATH_MESSAGE })
  path!: string;

  @Description('The component asked. The one that requests come in at if left out.')
  @IsOptional()
  @IsString()
  @IsIn(COMPONENTS)
  component?: ComponentName;

  @Description('Lowest status code that is good.')
  @Default(200)
  @Int32()
  @Min(100)
  @Max(599)
  minStatus!: number;

  @Description('Highest status code that is good. Redirects are not followed.')
  @Default(299)
  @Int32()
  @Min(100)
  @Max(599)
  maxStatus!: number;
}

/** A variable of the container of a Job. */
export class CheckVariable {
  @Description('Name.')
  @IsString()
  @MinLength(1)
  @MaxLength(253)
  @Matches(/^[-._a-zA-Z][-._a-zA-Z0-9]*$/)
  name!: string;

  @Description('Value.')
  @Default('')
  @IsString()
  @MaxLength(4096)
  value!: string;
}

/** A Job with one pod, which is good if it ends with 0. */
export class JobCheck {
  @Description('Image of the container.')
  @IsString()
  @MinLength(1)
  @MaxLength(IMAGE_MAX_LENGTH)
  @Matches(IMAGE_REFERENCE, { message: IMAGE_MESSAGE })
  image!: string;

  @Description("Command, instead of the image's entrypoint.")
  @IsOptional()
  @IsArray()
  @ArrayMinSize(1)
  @ArrayMaxSize(32)
  @IsString({ each: true })
  @MaxLength(4096, { each: true })
  command?: string[];

  @Description('Arguments.')
  @IsOptional()
  @IsArray()
  @ArrayMaxSize(32)
  @IsString({ each: true })
  @MaxLength(4096, { each: true })
  args?: string[];

  @Description('Variables, besides the addresses of the environment that is looked at.')
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
  message: 'says of no value that it is good: give min, max or both',
  check: ({ min, max }) => min !== undefined || max !== undefined,
};

/** An instant query to the Prometheus server that the operator was told of. */
@Cel(someBound)
export class PrometheusCheck {
  @Description(
    'The query; {{name}}, {{namespace}} and {{environment}} in it are replaced. It must give a value at least.',
  )
  @IsString()
  @MinLength(1)
  @MaxLength(4096)
  query!: string;

  @Description('No value may be lower.')
  @IsOptional()
  @IsNumber()
  min?: number;

  @Description('No value may be higher.')
  @IsOptional()
  @IsNumber()
  max?: number;
}

const oneKind: CelRule<CheckSpec> = {
  rule: `[${KINDS.map((kind) => `has(self.${kind})`).join(', ')}].filter(given, given).size() == 1`,
  message: `must have exactly one of ${KINDS.join(', ')}`,
  check: (check) => KINDS.filter((kind) => check[kind] !== undefined).length === 1,
};

/** Something that must be found well. */
@Cel(oneKind)
export class CheckSpec {
  @Description('Name of the check.')
  @IsString()
  @MinLength(1)
  @MaxLength(63)
  @Matches(LABEL)
  name!: string;

  @Description('A GET to a Service of this RestAPI: the preview before the switch, what is active after it.')
  @IsOptional()
  @ValidateNested()
  @Type(() => HttpCheck)
  http?: HttpCheck;

  @Description('A Job that must end well.')
  @IsOptional()
  @ValidateNested()
  @Type(() => JobCheck)
  job?: JobCheck;

  @Description('A query to Prometheus, if the operator was started with --prometheus-url.')
  @IsOptional()
  @ValidateNested()
  @Type(() => PrometheusCheck)
  prometheus?: PrometheusCheck;

  @Description('How often it must succeed.')
  @Default(1)
  @Int32()
  @Min(1)
  @Max(1000)
  successes!: number;

  @Description('How many attempts may fail.')
  @Default(0)
  @Int32()
  @Min(0)
  @Max(1000)
  allowedFailures!: number;

  @Description('Seconds from the end of an attempt to the next.')
  @Default(10)
  @Int32()
  @Min(1)
  @Max(DAY_SECONDS)
  intervalSeconds!: number;

  @Description('Seconds an attempt may take. 10 if left out, 600 for a Job.')
  @IsOptional()
  @Int32()
  @Min(1)
  @Max(DAY_SECONDS)
  timeoutSeconds?: number;
}

/** How long an attempt may take, in seconds. */
export function timeoutOf({ job, timeoutSeconds }: CheckSpec): number {
  return timeoutSeconds ?? (job ? 600 : 10);
}
