import { Type } from 'class-transformer';
import { IsNotIn, IsOptional, IsString, Matches, MaxLength, MinLength, ValidateNested } from 'class-validator';
import { Cel, type CelRule, Default, Description } from '../../operator/schema/index.ts';
import { EnvValueSource } from './env-source.ts';
import {
  ENV_NAME,
  ENV_NAME_MAX_LENGTH,
  ENV_NAME_MESSAGE,
  ENV_VALUE,
  ENV_VALUE_MAX_LENGTH,
  RESERVED_ENV,
  RESERVED_MESSAGE,
} from './rules/env-name.ts';

const oneValue: CelRule<EnvVar> = {
  rule: "!has(self.value) || self.value == '' || !has(self.valueFrom)",
  message: 'has both value and valueFrom: remove one of them',
  check: ({ value, valueFrom }) => value === '' || valueFrom === undefined,
};

/** One environment variable of one component. */
@Cel(oneValue)
export class EnvVar {
  @Description('Name of the variable. Overrides a variable of the same name in spec.envVars.')
  @IsString()
  @MinLength(1)
  @MaxLength(ENV_NAME_MAX_LENGTH)
  @Matches(ENV_NAME, { message: ENV_NAME_MESSAGE })
  @IsNotIn(RESERVED_ENV, { message: RESERVED_MESSAGE })
  name!: string;

  @Description('Value of the variable.')
  @Default('')
  @IsString()
  @MaxLength(ENV_VALUE_MAX_LENGTH)
  @Matches(ENV_VALUE, { message: 'must not contain a NUL character' })
  value!: string;

  @Description('Entry of a ConfigMap or Secret that holds the value. Excludes value.')
  @IsOptional()
  @ValidateNested()
  @Type(() => EnvValueSource)
  valueFrom?: EnvValueSource;
}
