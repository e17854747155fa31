import { Type } from 'class-transformer';
import { IsString, MaxLength, ValidateNested } from 'class-validator';
import { CustomResource, Description, type StoredObject } from 'restapi-operator/operator';

export class WidgetSpec {
  @Description('The message of this Widget.')
  @IsString()
  @MaxLength(200)
  message!: string;
}

export class WidgetStatus {
  /** Whether everything generated for this Widget is ready. */
  ready!: boolean;
}

/** The custom resource: the only source of the CRD (`npm run generate`) and of validation. */
@CustomResource({
  group: 'example.com',
  version: 'v1alpha1',
  kind: 'Widget',
  plural: 'widgets',
  scope: 'Namespaced',
  status: true,
  printerColumns: [
    { name: 'Ready', type: 'boolean', jsonPath: '.status.ready' },
    { name: 'Age', type: 'date', jsonPath: '.metadata.creationTimestamp' },
  ],
})
@Description('A Widget.')
export class Widget {
  apiVersion!: string;
  kind!: string;
  metadata!: StoredObject['metadata'];

  @ValidateNested()
  @Type(() => WidgetSpec)
  spec!: WidgetSpec;

  status?: WidgetStatus;
}
