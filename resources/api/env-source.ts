import { Type } from 'class-transformer';
import { IsOptional, IsString, Matches, MaxLength, MinLength, ValidateNested } from 'class-validator';
import { Cel, type CelRule, Description } from '../../operator/schema/index.ts';
import { KeyReference, SourceReference } from './object-reference.ts';
import { ENV_NAME, ENV_NAME_MESSAGE } from './rules/env-name.ts';

const oneSource: CelRule<EnvSource> = {
  rule: 'has(self.configMapRef) != has(self.secretRef)',
  message: 'must name either a configMapRef or a secretRef',
  check: ({ configMapRef, secretRef }) => (configMapRef === undefined) !== (secretRef === undefined),
};

/** All entries of a ConfigMap or Secret, as variables. */
@Cel(oneSource)
export class EnvSource {
  @Description('Put before the name of each variable.')
  @IsOptional()
  @IsString()
  @MinLength(1)
  @MaxLength(63)
  @Matches(ENV_NAME, { message: ENV_NAME_MESSAGE })
  prefix?: string;

  @Description(
    'The ConfigMap whose entries become variables. When they change, the pods of this component are replaced.',
  )
  @IsOptional()
  @ValidateNested()
  @Type(() => SourceReference)
  configMapRef?: SourceReference;

  @Description('The Secret whose entries become variables. When they change, the pods of this component are replaced.')
  @IsOptional()
  @ValidateNested()
  @Type(() => SourceReference)
  secretRef?: SourceReference;
}

const oneKey: CelRule<EnvValueSource> = {
  rule: 'has(self.configMapKeyRef) != has(self.secretKeyRef)',
  message: 'must name either a configMapKeyRef or a secretKeyRef',
  check: ({ configMapKeyRef, secretKeyRef }) => (configMapKeyRef === undefined) !== (secretKeyRef === undefined),
};

/** Where the value of one variable comes from. */
@Cel(oneKey)
export class EnvValueSource {
  @Description('Entry of a ConfigMap. When it changes, the pods of this component are replaced.')
  @IsOptional()
  @ValidateNested()
  @Type(() => KeyReference)
  configMapKeyRef?: KeyReference;

  @Description('Entry of a Secret. When it changes, the pods of this component are replaced.')
  @IsOptional()
  @ValidateNested()
  @Type(() => KeyReference)
  secretKeyRef?: KeyReference;
}
