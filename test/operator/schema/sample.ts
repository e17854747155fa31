import { Type } from 'class-transformer';
import {
  ArrayMaxSize,
  ArrayMinSize,
  IsArray,
  IsBoolean,
  IsEnum,
  IsIn,
  IsInt,
  IsNumber,
  IsObject,
  IsOptional,
  IsString,
  Matches,
  Max,
  MaxLength,
  Min,
  MinLength,
  ValidateNested,
} from 'class-validator';
import {
  Cel,
  CustomResource,
  Default,
  Description,
  Immutable,
  Int32,
  IntOrString,
  ListType,
  MapOf,
  Quantity,
} from '../../../operator/index.ts';

enum Size {
  Small = 'small',
  Large = 'large',
}

enum Level {
  Low = 1,
  High = 2,
}

/** A sample resource with a field of every kind. */
export class Wheel {
  @Description('Its name.')
  @IsString()
  @MinLength(1)
  @MaxLength(20)
  name!: string;

  @Default(28)
  @Int32()
  @Min(10)
  @Max(30)
  inches!: number;
}

/** A wheel that comes in another size. */
export class BigWheel extends Wheel {
  @Default(30)
  override inches!: number;

  @IsOptional()
  @IsBoolean()
  fat?: boolean;
}

@Cel<BikeSpec>({
  rule: '!has(self.bags) || self.bags.size() < 2 || self.seats > 1',
  message: 'two bags need two seats: remove a bag or add a seat',
  fieldPath: '.bags',
  check: ({ bags, seats }) => !bags || bags.length < 2 || seats > 1,
})
export class BikeSpec {
  @Description('Serial number.')
  @IsString()
  @Matches(/^[A-Z]{2}-[0-9]+$/)
  @Immutable()
  serial!: string;

  @Default(1)
  @Int32()
  @Min(1)
  seats!: number;

  @Default({})
  @ValidateNested()
  @Type(() => Saddle)
  saddle!: Saddle;

  @IsOptional()
  @IsArray()
  @ArrayMinSize(1)
  @ArrayMaxSize(3)
  @ValidateNested({ each: true })
  @Type(() => BigWheel)
  @ListType('map', ['name'])
  wheels?: BigWheel[];

  @IsOptional()
  @IsArray()
  @ArrayMaxSize(5)
  @IsString({ each: true })
  @MaxLength(10, { each: true })
  @ListType('set')
  bags?: string[];

  @IsOptional()
  @MapOf({
    keys: {
      pattern: /^[a-z]+$/,
      message: 'is no label: use a-z',
      reserved: [
        { keys: ['owner'], message: 'is taken' },
        { keys: ['us'], prefixes: ['our'], message: 'is ours' },
      ],
    },
    values: { type: 'string', maxLength: 5 },
    maxProperties: 3,
  })
  labels?: Record<string, string>;

  @IsOptional()
  @IsString()
  @MaxLength(9)
  @Matches(/^\d+$/, { message: "must be digits, as in '12'" })
  code?: string;

  @IsOptional()
  @Quantity()
  weight?: string | number;

  @IsOptional()
  @IntOrString()
  share?: string | number;

  @IsOptional()
  @IsEnum(Size)
  @IsString()
  size?: Size;

  @IsOptional()
  @IsEnum(Level)
  @IsInt()
  level?: Level;

  @IsOptional()
  @IsIn(['red', 'blue'])
  @IsString()
  colour?: string;

  @IsOptional()
  @IsNumber()
  price?: number;

  @IsOptional()
  @IsObject()
  extras?: object;
}

class Saddle {
  @Default(true)
  @IsBoolean()
  soft!: boolean;
}

@Description('A bike.')
@CustomResource({
  group: 'example.com',
  version: 'v1',
  kind: 'Bike',
  plural: 'bikes',
  scope: 'Cluster',
  scale: { specReplicasPath: '.spec.seats', statusReplicasPath: '.status.seats' },
})
export class Bike {
  apiVersion!: string;
  kind!: string;
  metadata!: object;

  @ValidateNested()
  @Type(() => BikeSpec)
  spec!: BikeSpec;
}
