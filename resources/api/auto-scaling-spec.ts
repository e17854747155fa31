import { Type } from 'class-transformer';
import { ArrayMaxSize, IsArray, IsBoolean, IsOptional, Max, Min, ValidateNested } from 'class-validator';
import { Cel, type CelRule, Default, Description, Int32, ListType } from '../../operator/schema/index.ts';
import type { ComponentName } from './component-name.ts';
import { PredictiveScalingSpec } from './predictive-scaling-spec.ts';
import { ScalingBehavior } from './scaling-behavior.ts';
import { ScalingMetric } from './scaling-metric.ts';
import { VerticalScalingSpec } from './vertical-scaling-spec.ts';

const MAX_UTILIZATION = 1_000;

/** Default bounds of the number of pods. */
export const DEFAULT_SCALE = {
  model: { min: 1, max: 10 },
  view: { min: 1, max: 5 },
  // All requests pass through the controller, so it has at least two pods.
  controller: { min: 2, max: 20 },
  // The backends of the repository do not scale with it.
  repository: { min: 1, max: 8 },
} as const satisfies Record<ComponentName, { min: number; max: number }>;

const minWithinMax = ({ min, max }: { min: number; max: number }): CelRule<ComponentScalingSpec> => ({
  fieldPath: '.minReplicas',
  rule: `self.?minReplicas.orValue(${min}) <= self.?maxReplicas.orValue(${max})`,
  message: 'is greater than maxReplicas: lower it or raise maxReplicas',
  check: ({ minReplicas, maxReplicas }) => minReplicas <= maxReplicas,
});

const wakesUp: CelRule<ComponentScalingSpec> = {
  fieldPath: '.minReplicas',
  rule: "!has(self.minReplicas) || self.minReplicas > 0 || (has(self.metrics) && self.metrics.exists(m, m.type != 'Pods'))",
  message: 'can be 0 only with a metric of type Object or External: other metrics need a running pod',
  check: ({ minReplicas, metrics = [] }) => minReplicas > 0 || metrics.some(({ type }) => type !== 'Pods'),
};

const forecastsCpu: CelRule<ComponentScalingSpec> = {
  fieldPath: '.predictive',
  rule: [
    '!has(self.predictive) || !self.predictive.?enabled.orValue(true)',
    '|| has(self.targetCPUUtilizationPercentage)',
    '|| (!has(self.targetMemoryUtilizationPercentage) && (!has(self.metrics) || size(self.metrics) == 0))',
  ].join(' '),
  message: 'forecasts CPU usage and needs a CPU target: set targetCPUUtilizationPercentage',
  check: ({ predictive, targetCPUUtilizationPercentage, targetMemoryUtilizationPercentage, metrics = [] }) =>
    !predictive?.enabled ||
    targetCPUUtilizationPercentage !== undefined ||
    (targetMemoryUtilizationPercentage === undefined && metrics.length === 0),
};

/** Autoscaling of one component. */
@Cel(wakesUp, forecastsCpu)
export class ComponentScalingSpec {
  @Description('Whether this component is autoscaled.')
  @Default(true)
  @IsBoolean()
  enabled!: boolean;

  @Description('Minimum number of pods. 0 requires a metric of type Object or External.')
  @Int32()
  @Min(0)
  minReplicas!: number;

  @Description('Maximum number of pods.')
  @Int32()
  @Min(1)
  maxReplicas!: number;

  @Description(
    'Target average CPU utilization of the pods, in percent of their requests. If neither a target nor a metric is set: 70 for the model, 80 for the view, 60 for the controller, 75 for the repository.',
  )
  @IsOptional()
  @Int32()
  @Min(1)
  @Max(MAX_UTILIZATION)
  targetCPUUtilizationPercentage?: number;

  @Description('Target average memory utilization of the pods, in percent of their requests.')
  @IsOptional()
  @Int32()
  @Min(1)
  @Max(MAX_UTILIZATION)
  targetMemoryUtilizationPercentage?: number;

  @Description('Further metrics. With several, the one that requires the most pods decides.')
  @IsOptional()
  @IsArray()
  @ArrayMaxSize(8)
  @ValidateNested({ each: true })
  @Type(() => ScalingMetric)
  @ListType('atomic')
  metrics?: ScalingMetric[];

  @Description(
    'Scaling speed. Defaults to the rules of Kubernetes: scale up immediately, scale down over five minutes.',
  )
  @IsOptional()
  @ValidateNested()
  @Type(() => ScalingBehavior)
  behavior?: ScalingBehavior;

  @Description(
    'Vertical scaling: adjusts the resource requests of each pod to its usage. Works with and without horizontal scaling. Off if left out.',
  )
  @IsOptional()
  @ValidateNested()
  @Type(() => VerticalScalingSpec)
  vertical?: VerticalScalingSpec;

  @Description('Predictive scaling: raises minReplicas ahead of recurring load. Off if left out.')
  @IsOptional()
  @ValidateNested()
  @Type(() => PredictiveScalingSpec)
  predictive?: PredictiveScalingSpec;
}

@Cel(minWithinMax(DEFAULT_SCALE.model))
export class ModelScalingSpec extends ComponentScalingSpec {
  @Default(DEFAULT_SCALE.model.min)
  override minReplicas!: number;

  @Default(DEFAULT_SCALE.model.max)
  override maxReplicas!: number;
}

@Cel(minWithinMax(DEFAULT_SCALE.view))
export class ViewScalingSpec extends ComponentScalingSpec {
  @Default(DEFAULT_SCALE.view.min)
  override minReplicas!: number;

  @Default(DEFAULT_SCALE.view.max)
  override maxReplicas!: number;
}

@Cel(minWithinMax(DEFAULT_SCALE.controller))
export class ControllerScalingSpec extends ComponentScalingSpec {
  @Default(DEFAULT_SCALE.controller.min)
  override minReplicas!: number;

  @Default(DEFAULT_SCALE.controller.max)
  override maxReplicas!: number;
}

@Cel(minWithinMax(DEFAULT_SCALE.repository))
export class RepositoryScalingSpec extends ComponentScalingSpec {
  @Default(DEFAULT_SCALE.repository.min)
  override minReplicas!: number;

  @Default(DEFAULT_SCALE.repository.max)
  override maxReplicas!: number;
}

/** Autoscaling of the components. */
export class AutoScalingSpec {
  @Description(
    'Whether autoscaling is enabled. The replicas fields then only set the initial number of pods, and 0 still stops the component.',
  )
  @Default(true)
  @IsBoolean()
  enabled!: boolean;

  @Description('Autoscaling of the model.')
  @Default({})
  @ValidateNested()
  @Type(() => ModelScalingSpec)
  model!: ModelScalingSpec;

  @Description('Autoscaling of the view.')
  @Default({})
  @ValidateNested()
  @Type(() => ViewScalingSpec)
  view!: ViewScalingSpec;

  @Description('Autoscaling of the controller.')
  @Default({})
  @ValidateNested()
  @Type(() => ControllerScalingSpec)
  controller!: ControllerScalingSpec;

  @Description('Autoscaling of the repository.')
  @Default({})
  @ValidateNested()
  @Type(() => RepositoryScalingSpec)
  repository!: RepositoryScalingSpec;
}
