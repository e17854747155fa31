import { Type } from 'class-transformer';
import { IsIn, IsOptional, IsString, Matches, MaxLength, MinLength, ValidateNested } from 'class-validator';
import { Cel, type CelRule, compareQuantities, Description, MapOf, Quantity } from '../../operator/schema/index.ts';
import { LABELS } from './rules/label-rules.ts';
import { OBJECT_NAME, OBJECT_NAME_MAX_LENGTH, OBJECT_NAME_MESSAGE } from './rules/object-name.ts';

const TYPES = ['Pods', 'Object', 'External'] as const;

const moreThanNothing: CelRule<string | number> = {
  rule: '!isQuantity(string(self)) || quantity(string(self)).isGreaterThan(quantity("0"))',
  message: 'must be greater than 0',
  check: (amount) => compareQuantities(amount, 0) > 0,
};

/** The object that a metric describes. */
export class ScalingObject {
  @Description('apiVersion of the object, such as networking.k8s.io/v1.')
  @IsString()
  @MinLength(1)
  @MaxLength(253)
  @Matches(/^([a-z0-9.-]+\/)?[a-z0-9]+$/, { message: 'is not a valid apiVersion, such as v1 or networking.k8s.io/v1' })
  apiVersion!: string;

  @Description('Kind of the object, such as Ingress.')
  @IsString()
  @MinLength(1)
  @MaxLength(63)
  @Matches(/^[A-Za-z][A-Za-z0-9]*$/, { message: 'is not a valid kind, such as Ingress' })
  kind!: string;

  @Description('Name of the object.')
  @IsString()
  @MinLength(1)
  @MaxLength(OBJECT_NAME_MAX_LENGTH)
  @Matches(OBJECT_NAME, { message: OBJECT_NAME_MESSAGE })
  name!: string;
}

const oneTarget: CelRule<ScalingMetric> = {
  rule: "self.type == 'Pods' ? has(self.averageValue) && !has(self.value) : has(self.averageValue) != has(self.value)",
  message: 'needs either averageValue or value; type Pods allows only averageValue',
  check: ({ type, averageValue, value }) =>
    type === 'Pods'
      ? averageValue !== undefined && value === undefined
      : (averageValue !== undefined) !== (value !== undefined),
};

const objectOfObject: CelRule<ScalingMetric> = {
  rule: "(self.type == 'Object') == has(self.object)",
  message: 'must have object if, and only if, type is Object',
  check: ({ type, object }) => (type === 'Object') === (object !== undefined),
};

/** A metric other than CPU and memory that a component is scaled by. */
@Cel(oneTarget, objectOfObject)
export class ScalingMetric {
  @Description(
    'Pods: a metric of each pod (custom.metrics.k8s.io). Object: a metric of another object (custom.metrics.k8s.io). External: a metric from outside the cluster (external.metrics.k8s.io).',
  )
  @IsString()
  @IsIn(TYPES)
  type!: (typeof TYPES)[number];

  @Description('Name of the metric.')
  @IsString()
  @MinLength(1)
  @MaxLength(253)
  @Matches(/^[A-Za-z_][-A-Za-z0-9_.:|]*$/, { message: 'is not a valid metric name' })
  name!: string;

  @Description('Labels that select series of the metric. Default: all series.')
  @IsOptional()
  @MapOf(LABELS)
  matchLabels?: Record<string, string>;

  @Description('Object that a metric of type Object describes.')
  @IsOptional()
  @ValidateNested()
  @Type(() => ScalingObject)
  object?: ScalingObject;

  @Description('Target value per pod.')
  @IsOptional()
  @Quantity()
  @Cel(moreThanNothing)
  averageValue?: string | number;

  @Description('Target value, independent of the number of pods.')
  @IsOptional()
  @Quantity()
  @Cel(moreThanNothing)
  value?: string | number;
}
