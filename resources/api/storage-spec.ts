import { IsIn, IsOptional, IsString, Matches, MaxLength, MinLength } from 'class-validator';
import {
  Cel,
  type CelRule,
  compareQuantities,
  Default,
  Description,
  Immutable,
  Quantity,
} from '../../operator/schema/index.ts';
import { OBJECT_NAME, OBJECT_NAME_MAX_LENGTH } from './rules/object-name.ts';

const ACCESS_MODES = ['ReadWriteOnce', 'ReadWriteOncePod', 'ReadWriteMany'] as const;
const FIXED = 'cannot be changed: create a new RestAPI and copy the data';

const notEmpty: CelRule<string | number> = {
  rule: '!isQuantity(string(self)) || quantity(string(self)).isGreaterThan(quantity("0"))',
  message: 'must be greater than 0, such as 1Gi',
  check: (size) => compareQuantities(size, 0) > 0,
};

/** Checked only by the API server, which knows the previous size. */
const neverSmaller: CelRule<string | number> = {
  rule: '!isQuantity(string(self)) || quantity(string(self)).compareTo(quantity(string(oldSelf))) >= 0',
  message: 'cannot be decreased: Kubernetes cannot shrink volumes',
};

const notTmp: CelRule<string> = {
  rule: "self != '/tmp'",
  message: 'cannot be /tmp, which holds temporary files',
  check: (path) => path !== '/tmp',
};

/** Persistent volume of a component. */
export class StorageSpec {
  @Description(
    'Size of the volume. It can be increased later if the storage class allows expansion, but not decreased.',
  )
  @Default('1Gi')
  @Quantity()
  @Cel(notEmpty, neverSmaller)
  size!: string | number;

  @Description('StorageClass of the volume. Defaults to that of the cluster. Immutable.')
  @IsOptional()
  @IsString()
  @MinLength(1)
  @MaxLength(OBJECT_NAME_MAX_LENGTH)
  @Matches(OBJECT_NAME, { message: 'is not a valid StorageClass name' })
  @Immutable(FIXED)
  storageClassName?: string;

  @Description(
    'Access mode. ReadWriteMany: pods on all nodes share the volume, and updates cause no downtime. ReadWriteOnce and ReadWriteOncePod: replicas must be 1, and an update stops the old pod before it starts the new one. Immutable.',
  )
  @Default('ReadWriteOnce')
  @IsString()
  @IsIn(ACCESS_MODES)
  @Immutable(FIXED)
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
