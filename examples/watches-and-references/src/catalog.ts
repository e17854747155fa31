import { Type } from 'class-transformer';
import { IsString, ValidateNested } from 'class-validator';
import { CustomResource, Description, type StoredObject } from 'restapi-operator/operator';

export class CatalogSpec {
  @Description('Name of the Secret with the credentials of this catalog.')
  @IsString()
  secretName!: string;
}

export interface CatalogStatus {
  /** How many Services are listed. */
  services: number;
  /** The Secret that does not exist, if any. */
  missing?: string;
}

/** A list of the Services that carry the label `example.com/catalog: <name of the Catalog>`. */
@CustomResource({
  group: 'example.com',
  version: 'v1',
  kind: 'Catalog',
  plural: 'catalogs',
  scope: 'Namespaced',
  status: true,
})
export class Catalog {
  apiVersion!: string;
  kind!: string;
  metadata!: StoredObject['metadata'];

  @ValidateNested()
  @Type(() => CatalogSpec)
  spec!: CatalogSpec;

  status?: CatalogStatus;
}
