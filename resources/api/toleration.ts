import { IsIn, IsOptional, IsString, Matches, MaxLength } from 'class-validator';
import { Cel, type CelRule, Description, Int32 } from '../../operator/schema/index.ts';
import { LABEL_KEY, LABEL_KEY_MESSAGE, LABEL_VALUE, LABEL_VALUE_MESSAGE } from './rules/label-rules.ts';

const rules: CelRule<Toleration>[] = [
  {
    rule: "has(self.key) || (has(self.operator) && self.operator == 'Exists')",
    message: 'needs a key, or operator Exists to tolerate every taint',
    check: ({ key, operator }) => key !== undefined || operator === 'Exists',
  },
  {
    rule: "!has(self.value) || !has(self.operator) || self.operator != 'Exists'",
    message: 'has a value, which operator Exists ignores: remove one of them',
    check: ({ value, operator }) => value === undefined || operator !== 'Exists',
  },
  {
    rule: "!has(self.tolerationSeconds) || (has(self.effect) && self.effect == 'NoExecute')",
    message: 'tolerationSeconds requires effect NoExecute: other effects do not evict pods',
    check: ({ tolerationSeconds, effect }) => tolerationSeconds === undefined || effect === 'NoExecute',
  },
];

/** A toleration of a node taint. */
@Cel(...rules)
export class Toleration {
  @Description('Key of the taint. If left out, with operator Exists: all taints.')
  @IsOptional()
  @IsString()
  @MaxLength(253)
  @Matches(LABEL_KEY, { message: LABEL_KEY_MESSAGE })
  key?: string;

  @Description('Equal: the taint must have this value. Exists: any value. Default: Equal.')
  @IsOptional()
  @IsString()
  @IsIn(['Equal', 'Exists'])
  operator?: 'Equal' | 'Exists';

  @Description('Value of the taint.')
  @IsOptional()
  @IsString()
  @MaxLength(63)
  @Matches(LABEL_VALUE, { message: LABEL_VALUE_MESSAGE })
  value?: string;

  @Description('Effect of the taint. Default: all effects.')
  @IsOptional()
  @IsString()
  @IsIn(['NoSchedule', 'PreferNoSchedule', 'NoExecute'])
  effect?: 'NoSchedule' | 'PreferNoSchedule' | 'NoExecute';

  @Description('Seconds that the pods stay on a node after it gets the taint. Default: indefinitely.')
  @IsOptional()
  @Int32()
  tolerationSeconds?: number;
}
