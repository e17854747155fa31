import { IsIn, IsOptional, IsString, Matches, MaxLength, MinLength } from 'class-validator';
import { Cel, type CelRule, compareQuantities, Default, Description, Quantity } from '../../operator/schema/index.ts';
import { OBJECT_NAME, OBJECT_NAME_MAX_LENGTH } from './rules/object-name.ts';

const ACCESS_MODES = ['ReadWriteOnce', 'ReadWriteOncePod', 'ReadWriteMany'] as const;
const FIXED = 'cannot be changed: create a new RestAPI and copy the data';

const notEmpty: CelRule<string | number> = {
  rule: '!isQuantity(string(self)) || quantity(string(self)).isGreaterThan(quantity("0"))',
  message: 'must be greater than 0, such as 1Gi',
  check: (size) => compareQuantities(size, 0) > 0,
};

export const DEFAULT_ACCESS_MODE = 'ReadWriteOnce';
const DEFAULT_SIZE = '1Gi';

// Not `.?accessMode.orValue(…)`: the API server cannot bound the length of an optional string, and so the rules' cost.
const accessMode = (storage: string) =>
  `(has(${storage}.accessMode) ? ${storage}.accessMode : '${DEFAULT_ACCESS_MODE}')`;
const size = (storage: string) =>
  `(has(${storage}.size) ? quantity(string(${storage}.size)) : quantity('${DEFAULT_SIZE}'))`;

/** Checked only by the API server, which knows the previous storage. Of the object: a field may be left out. */
const onceSet: CelRule<StorageSpec>[] = [
  {
    fieldPath: '.size',
    // Invalid quantities are rejected by their own rule.
    rule: `has(self.size) && !isQuantity(string(self.size)) || ${size('self')}.compareTo(${size('oldSelf')}) >= 0`,
    message: 'cannot be decreased: Kubernetes cannot shrink volumes',
  },
  {
    fieldPath: '.accessMode',
    rule: `${accessMode('self')} == ${accessMode('oldSelf')}`,
    message: FIXED,
    reason: 'FieldValueForbidden',
  },
  {
    fieldPath: '.storageClassName',
    rule: [
      'has(self.storageClassName) == has(oldSelf.storageClassName)',
      '&& (!has(self.storageClassName) || self.storageClassName == oldSelf.storageClassName)',
    ].join(' '),
    message: FIXED,
    reason: 'FieldValueForbidden',
  },
];

const notTmp: CelRule<string> = {
  rule: "self != '/tmp'",
  message: 'cannot be /tmp, which holds temporary files',
  check: (path) => path !== '/tmp',
};

/** Persistent volume of a component. */
@Cel(...onceSet)
export class StorageSpec {
  @Description(
    'Size of the volume. It can be increased later if the storage class allows expansion, but not decreased.',
  )
  @Default(DEFAULT_SIZE)
  @Quantity()
  @Cel(notEmpty)
  size!: string | number;

  @Description('StorageClass of the volume. Defaults to that of the cluster. Immutable.')
  @IsOptional()
  @IsString()
  @MinLength(1)
  @MaxLength(OBJECT_NAME_MAX_LENGTH)
  @Matches(OBJECT_NAME, { message: 'is not a valid StorageClass name' })
  storageClassName?: string;

  @Description(
    'Access mode. ReadWriteMany: pods on all nodes share the volume, and updates cause no downtime. ReadWriteOnce and ReadWriteOncePod: replicas must be 1, and an update stops the old pod before it starts the new one. Immutable.',
  )
  @Default(DEFAULT_ACCESS_MODE)
  @IsString()
  @IsIn(ACCESS_MODES)
  accessMode!: (typeof ACCESS_MODES)[number];

  @Description('Mount path of the volume in the pods.')
  @Default('/data')
  @IsString()
  @MinLength(2)
  @MaxLength(512)
  @Matches(/^(\/[-A-Za-z0-9_.]+)+$/, {
    message: 'must be an absolute path of letters, digits, "-", "_" and ".", without a trailing "/", such as /data',
  })
  @Cel(notTmp)
  mountPath!: string;

  @Description(
    'What happens to the volume when the RestAPI is deleted or no longer declares storage. Retain: it is kept, and a RestAPI of the same name adopts it. Delete: it is deleted with all its data.',
  )
  @Default('Retain')
  @IsString()
  @IsIn(['Retain', 'Delete'])
  whenDeleted!: 'Retain' | 'Delete';
}
