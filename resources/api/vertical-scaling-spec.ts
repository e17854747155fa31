import { Type } from 'class-transformer';
import { IsIn, IsOptional, IsString, ValidateNested } from 'class-validator';
import {
  Cel,
  type CelRule,
  compareQuantities,
  Default,
  Description,
  isQuantity,
  Quantity,
} from '../../operator/schema/index.ts';

export const VERTICAL_MODES = ['Off', 'Recommend', 'InPlace', 'Rolling'] as const;

/** Amounts of the resources that are scaled vertically. */
export class VerticalAmounts {
  @Description('CPU, such as 250m.')
  @IsOptional()
  @Quantity()
  cpu?: string | number;

  @Description('Memory, such as 256Mi.')
  @IsOptional()
  @Quantity()
  memory?: string | number;
}

const withinMax = (resource: 'cpu' | 'memory'): CelRule<VerticalScalingSpec> => {
  const [min, max] = [`self.minAllowed.${resource}`, `self.maxAllowed.${resource}`];
  return {
    fieldPath: '.minAllowed',
    rule: [
      `!has(self.minAllowed) || !has(self.maxAllowed) || !has(${min}) || !has(${max})`,
      // Invalid quantities are rejected by their own rule.
      `|| !isQuantity(string(${min})) || !isQuantity(string(${max}))`,
      `|| quantity(string(${min})).compareTo(quantity(string(${max}))) <= 0`,
    ].join(' '),
    message: `has more ${resource} than maxAllowed: lower it or raise maxAllowed`,
    check: ({ minAllowed, maxAllowed }) => {
      const [least, most] = [minAllowed?.[resource], maxAllowed?.[resource]];
      return !isQuantity(least) || !isQuantity(most) || compareQuantities(least, most) <= 0;
    },
  };
};

/** Vertical scaling: adjusts the requests of the pods of a component to their usage. */
@Cel(withinMax('cpu'), withinMax('memory'))
export class VerticalScalingSpec {
  @Description(
    'Recommend: only report in status.components. InPlace: resize running pods without a restart. Rolling: apply by a rolling update. Off: do nothing. A resource that the autoscaler scales by is never changed.',
  )
  @Default('Recommend')
  @IsString()
  @IsIn(VERTICAL_MODES)
  mode!: (typeof VERTICAL_MODES)[number];

  @Description('Lower bound of the requests of each pod. Default: 25m CPU and 32Mi memory.')
  @IsOptional()
  @ValidateNested()
  @Type(() => VerticalAmounts)
  minAllowed?: VerticalAmounts;

  @Description('Upper bound of the requests of each pod.')
  @IsOptional()
  @ValidateNested()
  @Type(() => VerticalAmounts)
  maxAllowed?: VerticalAmounts;
}
