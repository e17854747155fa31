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

/** Amounts of what is scaled vertically. */
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
      // An amount that is none is refused where it stands.
      `|| !isQuantity(string(${min})) || !isQuantity(string(${max}))`,
      `|| quantity(string(${min})).compareTo(quantity(string(${max}))) <= 0`,
    ].join(' '),
    message: `has more ${resource} than maxAllowed: lower it, or raise maxAllowed`,
    check: ({ minAllowed, maxAllowed }) => {
      const [least, most] = [minAllowed?.[resource], maxAllowed?.[resource]];
      return !isQuantity(least) || !isQuantity(most) || compareQuantities(least, most) <= 0;
    },
  };
};

/** How what each pod of a component requests follows what it uses. */
@Cel(withinMax('cpu'), withinMax('memory'))
export class VerticalScalingSpec {
  @Description(
    'Recommend: status.components says it. InPlace: running pods are resized without a restart. Rolling: pods are replaced one after the other. Off: nothing. A resource the autoscaler goes by is never touched.',
  )
  @Default('Recommend')
  @IsString()
  @IsIn(VERTICAL_MODES)
  mode!: (typeof VERTICAL_MODES)[number];

  @Description('The least each pod is to request. 25m and 32Mi if left out.')
  @IsOptional()
  @ValidateNested()
  @Type(() => VerticalAmounts)
  minAllowed?: VerticalAmounts;

  @Description('The most each pod is to request.')
  @IsOptional()
  @ValidateNested()
  @Type(() => VerticalAmounts)
  maxAllowed?: VerticalAmounts;
}
