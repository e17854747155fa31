import { Type } from 'class-transformer';
import { IsIn, IsOptional, IsString, Matches, MaxLength, MinLength, ValidateNested } from 'class-validator';
import { Cel, type CelRule, compareQuantities, Description, MapOf, Quantity } from '../../operator/schema/index.ts';
import { LABELS } from './rules/label-rules.ts';
import { OBJECT_NAME, OBJECT_NAME_MAX_LENGTH, OBJECT_NAME_MESSAGE } from './rules/object-name.ts';

const TYPES = ['Pods', 'Object', 'External'] as const;

const moreThanNothing: CelRule<string | number> = {
  rule: '!isQuantity(string(self)) || quantity(string(self)).isGreaterThan(quantity("0"))',
  message: 'must be more than 0',
  check: (amount) => compareQuantities(amount, 0) > 0,
};

/** The object that a metric is about. */
export class ScalingObject {
  @Description('Its apiVersion, such as networking.k8s.io/v1.')
  @IsString()
  @MinLength(1)
  @MaxLength(253)
  @Matches(/^([a-z0-9.-]+\/)?[a-z0-9]+$/, { message: 'is no apiVersion, such as v1 or networking.k8s.io/v1' })
  apiVersion!: string;

  @Description('Its kind, such as Ingress.')
  @IsString()
  @MinLength(1)
  @MaxLength(63)
  @Matches(/^[A-Za-z][A-Za-z0-9]*$/, { message: 'is no kind, such as Ingress' })
  kind!: string;

  @Description('Its name.')
  @IsString()
  @MinLength(1)
  @MaxLength(OBJECT_NAME_MAX_LENGTH)
  @Matches(OBJECT_NAME, { message: OBJECT_NAME_MESSAGE })
  name!: string;
}

const oneTarget: CelRule<ScalingMetric> = {
  rule: "self.type == 'Pods' ? has(self.averageValue) && !has(self.value) : has(self.averageValue) != has(self.value)",
  message: 'needs either averageValue or value; for type Pods only averageValue makes sense',
  check: ({ type, averageValue, value }) =>
    type === 'Pods'
      ? averageValue !== undefined && value === undefined
      : (averageValue !== undefined) !== (value !== undefined),
};

const objectOfObject: CelRule<ScalingMetric> = {
  rule: "(self.type == 'Object') == has(self.object)",
  message: 'needs object for type Object, and for no other',
  check: ({ type, object }) => (type === 'Object') === (object !== undefined),
};

/** A number, besides CPU and memory, that the number of pods is made to fit. */
@Cel(oneTarget, objectOfObject)
export class ScalingMetric {
  @Description(
    'Pods: of each pod (custom.metrics.k8s.io). Object: of another object there. External: of something outside of the cluster (external.metrics.k8s.io).',
  )
  @IsString()
  @IsIn(TYPES)
  type!: (typeof TYPES)[number];

  @Description('Name of the metric.')
  @IsString()
  @MinLength(1)
  @MaxLength(253)
  @Matches(/^[A-Za-z_][-A-Za-z0-9_.:|]*$/, { message: 'is no name of a metric' })
  name!: string;

  @Description('Labels of the series that count. All if left out.')
  @IsOptional()
  @MapOf(LABELS)
  matchLabels?: Record<string, string>;

  @Description('What a metric of type Object is about.')
  @IsOptional()
  @ValidateNested()
  @Type(() => ScalingObject)
  object?: ScalingObject;

  @Description('What there should be for each pod.')
  @IsOptional()
  @Quantity()
  @Cel(moreThanNothing)
  averageValue?: string | number;

  @Description('What it should be, however many pods there are.')
  @IsOptional()
  @Quantity()
  @Cel(moreThanNothing)
  value?: string | number;
}
