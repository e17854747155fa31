import { IsBoolean, IsIn, IsOptional, IsString, Matches, MaxLength, MinLength } from 'class-validator';
import { Description } from '../../operator/schema/index.ts';
import { OBJECT_NAME, OBJECT_NAME_MAX_LENGTH, OBJECT_NAME_MESSAGE } from './rules/object-name.ts';

/** Reference to an object in the RestAPI's namespace. There is no namespace field, so that no other can be accessed. */
export class ObjectReference {
  @Description("Name of the object, in the RestAPI's own namespace.")
  @IsString()
  @MinLength(1)
  @MaxLength(OBJECT_NAME_MAX_LENGTH)
  @Matches(OBJECT_NAME, { message: OBJECT_NAME_MESSAGE })
  name!: string;
}

export const ON_CHANGE = ['Release', 'Restart', 'Ignore'] as const;
export type OnChange = (typeof ON_CHANGE)[number];

/** Reference to an object that the pods read. */
export class SourceReference extends ObjectReference {
  @Description('Whether pods may start while the object is missing. Default: they wait.')
  @IsOptional()
  @IsBoolean()
  optional?: boolean;

  @Description(
    'What a change of the content does. Release: it is part of the revision, so with blue-green releases it is released, and the pods of each revision read a copy of the ConfigMap; otherwise the pods are replaced. Restart: the pods are replaced in place, under the same revision. Ignore: the pods keep the content they started with. Default: Release for a ConfigMap, Restart for a Secret.',
  )
  @IsOptional()
  @IsString()
  @IsIn(ON_CHANGE)
  onChange?: OnChange;
}

/** Reference to one entry of a ConfigMap or Secret. */
export class KeyReference extends SourceReference {
  @Description('Key in the ConfigMap or Secret.')
  @IsString()
  @MinLength(1)
  @MaxLength(253)
  @Matches(/^([-_a-zA-Z0-9]|\.[-_a-zA-Z0-9])[-._a-zA-Z0-9]*$/, {
    message:
      'is not a valid key of a ConfigMap or Secret: use letters, digits, "-", "_" and ".", and do not start with ".."',
  })
  key!: string;
}
