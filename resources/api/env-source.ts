import { Type } from 'class-transformer';
import { IsOptional, IsString, Matches, MaxLength, MinLength, ValidateNested } from 'class-validator';
import { Cel, type CelRule, Description } from '../../operator/schema/index.ts';
import { KeyReference, SourceReference } from './object-reference.ts';
import { ENV_NAME, ENV_NAME_MESSAGE } from './rules/env-name.ts';

const oneSource: CelRule<EnvSource> = {
  rule: 'has(self.configMapRef) != has(self.secretRef)',
  message: 'must have either configMapRef or secretRef',
  check: ({ configMapRef, secretRef }) => (configMapRef === undefined) !== (secretRef === undefined),
};

/** A ConfigMap or Secret whose entries all become variables. */
@Cel(oneSource)
export class EnvSource {
  @Description('Prefix of the variable names.')
  @IsOptional()
  @IsString()
  @MinLength(1)
  @MaxLength(63)
  @Matches(ENV_NAME, { message: ENV_NAME_MESSAGE })
  prefix?: string;

  @Description('ConfigMap whose entries become variables. onChange says what a change of it does.')
  @IsOptional()
  @ValidateNested()
  @Type(() => SourceReference)
  configMapRef?: SourceReference;

  @Description('Secret whose entries become variables. onChange says what a change of it does.')
  @IsOptional()
  @ValidateNested()
  @Type(() => SourceReference)
  secretRef?: SourceReference;
}

const oneKey: CelRule<EnvValueSource> = {
  rule: 'has(self.configMapKeyRef) != has(self.secretKeyRef)',
  message: 'must have either configMapKeyRef or secretKeyRef',
  check: ({ configMapKeyRef, secretKeyRef }) => (configMapKeyRef === undefined) !== (secretKeyRef === undefined),
};

/** Source of the value of one variable. */
@Cel(oneKey)
export class EnvValueSource {
  @Description('Entry of a ConfigMap. onChange says what a change of it does.')
  @IsOptional()
  @ValidateNested()
  @Type(() => KeyReference)
  configMapKeyRef?: KeyReference;

  @Description('Entry of a Secret. onChange says what a change of it does.')
  @IsOptional()
  @ValidateNested()
  @Type(() => KeyReference)
  secretKeyRef?: KeyReference;
}
