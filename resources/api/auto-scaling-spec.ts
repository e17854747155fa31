import { Type } from 'class-transformer';
import { ArrayMaxSize, IsArray, IsBoolean, IsOptional, Max, Min, ValidateNested } from 'class-validator';
import { Cel, type CelRule, Default, Description, Int32, ListType } from '../../operator/schema/index.ts';
import { PredictiveScalingSpec } from './predictive-scaling-spec.ts';
import { ScalingBehavior } from './scaling-behavior.ts';
import { ScalingMetric } from './scaling-metric.ts';
import { VerticalScalingSpec } from './vertical-scaling-spec.ts';

const MAX_UTILIZATION = 1_000;

const minWithinMax: CelRule<ComponentScalingSpec> = {
  fieldPath: '.minReplicas',
  // The server tries a default such as {} before it fills in the defaults within.
  rule: '!has(self.minReplicas) || !has(self.maxReplicas) || self.minReplicas <= self.maxReplicas',
  message: 'is more than maxReplicas: lower it, or raise maxReplicas',
  check: ({ minReplicas, maxReplicas }) => minReplicas <= maxReplicas,
};

const wakesUp: CelRule<ComponentScalingSpec> = {
  fieldPath: '.minReplicas',
  rule: "!has(self.minReplicas) || self.minReplicas > 0 || (has(self.metrics) && self.metrics.exists(m, m.type != 'Pods'))",
  message:
    'can be 0 only with a metric of type Object or External: without pods, no other could tell that some are needed',
  check: ({ minReplicas, metrics = [] }) => minReplicas > 0 || metrics.some(({ type }) => type !== 'Pods'),
};

const forecastsCpu: CelRule<ComponentScalingSpec> = {
  fieldPath: '.predictive',
  rule: [
    '!has(self.predictive) || (has(self.predictive.enabled) && !self.predictive.enabled)',
    '|| has(self.targetCPUUtilizationPercentage)',
    '|| (!has(self.targetMemoryUtilizationPercentage) && (!has(self.metrics) || size(self.metrics) == 0))',
  ].join(' '),
  message: 'forecasts the use of CPU, so that has to count: set targetCPUUtilizationPercentage as well',
  check: ({ predictive, targetCPUUtilizationPercentage, targetMemoryUtilizationPercentage, metrics = [] }) =>
    !predictive?.enabled ||
    targetCPUUtilizationPercentage !== undefined ||
    (targetMemoryUtilizationPercentage === undefined && metrics.length === 0),
};

/** How the pods of one component follow its load. */
@Cel(minWithinMax, wakesUp, forecastsCpu)
export class ComponentScalingSpec {
  @Description('Whether its number of pods follows its load.')
  @Default(true)
  @IsBoolean()
  enabled!: boolean;

  @Description('Fewest pods. 0 with a metric of type Object or External.')
  @Int32()
  @Min(0)
  minReplicas!: number;

  @Description('Most pods.')
  @Int32()
  @Min(1)
  maxReplicas!: number;

  @Description(
    'CPU its pods should use on average, in percent of what they request. If no target and no metric is given: 70 for the model, 80 for the view, 60 for the controller, 75 for the repository.',
  )
  @IsOptional()
  @Int32()
  @Min(1)
  @Max(MAX_UTILIZATION)
  targetCPUUtilizationPercentage?: number;

  @Description('Memory its pods should use on average, in percent of what they request.')
  @IsOptional()
  @Int32()
  @Min(1)
  @Max(MAX_UTILIZATION)
  targetMemoryUtilizationPercentage?: number;

  @Description('Other metrics. Of several, the one counts that needs most pods.')
  @IsOptional()
  @IsArray()
  @ArrayMaxSize(8)
  @ValidateNested({ each: true })
  @Type(() => ScalingMetric)
  @ListType('atomic')
  metrics?: ScalingMetric[];

  @Description("How fast it changes. Kubernetes' own rules if left out: up at once, down over five minutes.")
  @IsOptional()
  @ValidateNested()
  @Type(() => ScalingBehavior)
  behavior?: ScalingBehavior;

  @Description(
    'How what each pod requests follows what it uses, with or without a number of pods that does. Not if left out.',
  )
  @IsOptional()
  @ValidateNested()
  @Type(() => VerticalScalingSpec)
  vertical?: VerticalScalingSpec;

  @Description('How minReplicas is raised ahead of a load that comes by the clock. Not if left out.')
  @IsOptional()
  @ValidateNested()
  @Type(() => PredictiveScalingSpec)
  predictive?: PredictiveScalingSpec;
}

/** The business logic gets more of what it needs most. */
export class ModelScalingSpec extends ComponentScalingSpec {
  @Default(1)
  override minReplicas!: number;

  @Default(10)
  override maxReplicas!: number;
}

/** Templates are cheap. */
export class ViewScalingSpec extends ComponentScalingSpec {
  @Default(1)
  override minReplicas!: number;

  @Default(5)
  override maxReplicas!: number;
}

/** All requests pass it, so it is never alone. */
export class ControllerScalingSpec extends ComponentScalingSpec {
  @Default(2)
  override minReplicas!: number;

  @Default(20)
  override maxReplicas!: number;
}

/** What it calls does not scale with it. */
export class RepositoryScalingSpec extends ComponentScalingSpec {
  @Default(1)
  override minReplicas!: number;

  @Default(8)
  override maxReplicas!: number;
}

/** How the number of pods of each component follows its load. */
export class AutoScalingSpec {
  @Description(
    'Whether pods follow the load. replicas of spec and of components then only count at the start, and as 0, which stops.',
  )
  @Default(true)
  @IsBoolean()
  enabled!: boolean;

  @Description('The model.')
  @Default({})
  @ValidateNested()
  @Type(() => ModelScalingSpec)
  model!: ModelScalingSpec;

  @Description('The view.')
  @Default({})
  @ValidateNested()
  @Type(() => ViewScalingSpec)
  view!: ViewScalingSpec;

  @Description('The controller.')
  @Default({})
  @ValidateNested()
  @Type(() => ControllerScalingSpec)
  controller!: ControllerScalingSpec;

  @Description('The repository.')
  @Default({})
  @ValidateNested()
  @Type(() => RepositoryScalingSpec)
  repository!: RepositoryScalingSpec;
}
