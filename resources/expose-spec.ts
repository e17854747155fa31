import { IsOptional, IsString, Matches, MaxLength, MinLength } from 'class-validator';
import { Description, MapOf } from '../operator/schema/index.ts';
import { ANNOTATIONS } from './label-rules.ts';

const LABEL = '[a-z0-9]([-a-z0-9]*[a-z0-9])?';

/** How the outside reaches a component: an Ingress. */
export class ExposeSpec {
  @Description(
    'Host name under which it is reached, such as shop.example.com; *.example.com stands for all of one level.',
  )
  @IsString()
  @MinLength(1)
  @MaxLength(253)
  @Matches(new RegExp(`^(\\*\\.)?(${LABEL}\\.)*[a-z]([-a-z0-9]*[a-z0-9])?$`), {
    message:
      'is no host name: write it in lower case, such as shop.example.com, without scheme, port and path, and no IP address',
  })
  host!: string;

  @Description("Class of the Ingress: which controller serves it. The cluster's default class if left out.")
  @IsOptional()
  @IsString()
  @MinLength(1)
  @MaxLength(253)
  @Matches(new RegExp(`^${LABEL}(\\.${LABEL})*$`), { message: 'is no name of an IngressClass' })
  ingressClassName?: string;

  @Description('Annotations of the Ingress, as its controller reads them.')
  @IsOptional()
  @MapOf(ANNOTATIONS)
  annotations?: Record<string, string>;
}
