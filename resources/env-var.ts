import { IsNotIn, IsString, Matches, MaxLength, MinLength } from 'class-validator';
import { Default, Description } from '../operator/schema/index.ts';
import {
  ENV_NAME,
  ENV_NAME_MAX_LENGTH,
  ENV_NAME_MESSAGE,
  ENV_VALUE,
  ENV_VALUE_MAX_LENGTH,
  RESERVED_ENV,
  RESERVED_MESSAGE,
} from './env-name.ts';

/** One environment variable of one component. */
export class EnvVar {
  @Description('Name of the variable. Overrides one of the same name in spec.envVars.')
  @IsString()
  @MinLength(1)
  @MaxLength(ENV_NAME_MAX_LENGTH)
  @Matches(ENV_NAME, { message: ENV_NAME_MESSAGE })
  @IsNotIn(RESERVED_ENV, { message: RESERVED_MESSAGE })
  name!: string;

  @Description('Value of the variable. Empty by default.')
  @Default('')
  @IsString()
  @MaxLength(ENV_VALUE_MAX_LENGTH)
  @Matches(ENV_VALUE, { message: 'must not contain a NUL character' })
  value!: string;
}
