import { Type } from 'class-transformer';
import { IsString, MaxLength, ValidateNested } from 'class-validator';
import { CustomResource, Description, type StoredObject } from 'restapi-operator/operator';

export class GreetingSpec {
  @Description('The text to write on the card.')
  @IsString()
  @MaxLength(100)
  text!: string;
}

/** The custom resource. Its CRD is generated from this class, and the same rules validate objects in the operator. */
@CustomResource({
  group: 'example.com',
  version: 'v1',
  kind: 'Greeting',
  plural: 'greetings',
  scope: 'Namespaced',
  status: true,
  printerColumns: [{ name: 'Ready', type: 'boolean', jsonPath: '.status.ready' }],
})
export class Greeting {
  apiVersion!: string;
  kind!: string;
  metadata!: StoredObject['metadata'];

  @ValidateNested()
  @Type(() => GreetingSpec)
  spec!: GreetingSpec;

  status?: { ready: boolean };
}
