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
const FIXED = 'cannot change: Kubernetes cannot turn one volume into another. Make a new RestAPI and copy the data';

const notEmpty: CelRule<string | number> = {
  rule: '!isQuantity(string(self)) || quantity(string(self)).isGreaterThan(quantity("0"))',
  message: 'must be more than 0, such as 1Gi',
  check: (size) => compareQuantities(size, 0) > 0,
};

/** Only the API server has the old size beside the new one. */
const neverSmaller: CelRule<string | number> = {
  rule: '!isQuantity(string(self)) || quantity(string(self)).compareTo(quantity(string(oldSelf))) >= 0',
  message: 'may grow but not shrink: Kubernetes cannot make a volume smaller',
};

const notTmp: CelRule<string> = {
  rule: "self != '/tmp'",
  message: 'cannot be /tmp, which is for files that need not last',
  check: (path) => path !== '/tmp',
};

/** A volume for what a component keeps. */
export class StorageSpec {
  @Description('Size of the volume. It may grow later, if its storage class lets it, but not shrink.')
  @Default('1Gi')
  @Quantity()
  @Cel(notEmpty, neverSmaller)
  size!: string | number;

  @Description("Storage class: what kind of volume it is. The cluster's default class if left out. It cannot change.")
  @IsOptional()
  @IsString()
  @MinLength(1)
  @MaxLength(OBJECT_NAME_MAX_LENGTH)
  @Matches(OBJECT_NAME, { message: 'is no name of a StorageClass' })
  @Immutable(FIXED)
  storageClassName?: string;

  @Description(
    'ReadWriteMany: pods on all nodes share the volume, and updates go without a gap. ReadWriteOnce and ReadWriteOncePod: it serves one pod, so replicas must be 1, and an update stops the old pod before it starts the new one. It cannot change.',
  )
  @Default('ReadWriteOnce')
  @IsString()
  @IsIn(ACCESS_MODES)
  @Immutable(FIXED)
  accessMode!: (typeof ACCESS_MODES)[number];

  @Description('Where pods find the volume.')
  @Default('/data')
  @IsString()
  @MinLength(2)
  @MaxLength(512)
  @Matches(/^(\/[-A-Za-z0-9_.]+)+$/, {
    message: 'must be an absolute path of letters, digits, "-", "_" and ".", without "/" at its end, such as /data',
  })
  @Cel(notTmp)
  mountPath!: string;

  @Description(
    'What becomes of the volume when the RestAPI is deleted, or no longer asks for it. Retain: it stays, and a RestAPI of the same name finds it again. Delete: it goes, with all that is in it.',
  )
  @Default('Retain')
  @IsString()
  @IsIn(['Retain', 'Delete'])
  whenDeleted!: 'Retain' | 'Delete';
}
