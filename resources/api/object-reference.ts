import { IsBoolean, IsOptional, IsString, Matches, MaxLength, MinLength } from 'class-validator';
import { Description } from '../../operator/schema/index.ts';
import { OBJECT_NAME, OBJECT_NAME_MAX_LENGTH, OBJECT_NAME_MESSAGE } from './rules/object-name.ts';

/** Names an object in the RestAPI's own namespace. There is no field for a namespace: no other can be reached. */
export class ObjectReference {
  @Description("Name of the object, in the RestAPI's own namespace.")
  @IsString()
  @MinLength(1)
  @MaxLength(OBJECT_NAME_MAX_LENGTH)
  @Matches(OBJECT_NAME, { message: OBJECT_NAME_MESSAGE })
  name!: string;
}

/** Names an object the pods read. */
export class SourceReference extends ObjectReference {
  @Description('Whether pods start without it. They wait for it if this is left out.')
  @IsOptional()
  @IsBoolean()
  optional?: boolean;
}

/** Names one entry of a ConfigMap or Secret. */
export class KeyReference extends SourceReference {
  @Description('Key of the entry.')
  @IsString()
  @MinLength(1)
  @MaxLength(253)
  @Matches(/^([-_a-zA-Z0-9]|\.[-_a-zA-Z0-9])[-._a-zA-Z0-9]*$/, {
    message: 'is no key of a ConfigMap or Secret: use letters, digits, "-", "_" and ".", and do not start with ".."',
  })
  key!: string;
}
