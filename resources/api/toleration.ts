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
    message: 'has a value, which operator Exists does not look at: remove one of them',
    check: ({ value, operator }) => value === undefined || operator !== 'Exists',
  },
  {
    rule: "!has(self.tolerationSeconds) || (has(self.effect) && self.effect == 'NoExecute')",
    message: 'tolerationSeconds needs effect NoExecute: the other effects evict no pods',
    check: ({ tolerationSeconds, effect }) => tolerationSeconds === undefined || effect === 'NoExecute',
  },
];

/** A taint of nodes that pods put up with. */
@Cel(...rules)
export class Toleration {
  @Description('Key of the taint. Left out, with operator Exists: any taint.')
  @IsOptional()
  @IsString()
  @MaxLength(253)
  @Matches(LABEL_KEY, { message: LABEL_KEY_MESSAGE })
  key?: string;

  @Description('Equal: the taint has this value. Exists: whatever its value. Equal if left out.')
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

  @Description('Effect of the taint. Every effect if left out.')
  @IsOptional()
  @IsString()
  @IsIn(['NoSchedule', 'PreferNoSchedule', 'NoExecute'])
  effect?: 'NoSchedule' | 'PreferNoSchedule' | 'NoExecute';

  @Description('How long pods stay on a node that gets the taint, in seconds. For ever if left out.')
  @IsOptional()
  @Int32()
  tolerationSeconds?: number;
}
