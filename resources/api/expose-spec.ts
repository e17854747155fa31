import { Type } from 'class-transformer';
import { IsOptional, IsString, Matches, MaxLength, MinLength, ValidateNested } from 'class-validator';
import { Cel, type CelRule, Description, MapOf } from '../../operator/schema/index.ts';
import { GatewayReference } from './gateway-reference.ts';
import { PART, SUBDOMAIN } from './rules/dns-name.ts';
import { ANNOTATIONS } from './rules/label-rules.ts';

const oneWay: CelRule<ExposeSpec> = {
  rule: '!has(self.ingressClassName) || !has(self.gateway)',
  message: 'is for an Ingress, and gateway asks for an HTTPRoute in its place: remove ingressClassName or gateway',
  fieldPath: '.ingressClassName',
  check: ({ ingressClassName, gateway }) => ingressClassName === undefined || gateway === undefined,
};

/** How the outside reaches a component: by an Ingress, or by an HTTPRoute of a Gateway. */
@Cel(oneWay)
export class ExposeSpec {
  @Description(
    'Host name under which it is reached, such as shop.example.com; *.example.com stands for all of one level.',
  )
  @IsString()
  @MinLength(1)
  @MaxLength(253)
  @Matches(new RegExp(`^(\\*\\.)?(${PART}\\.)*[a-z]([-a-z0-9]*[a-z0-9])?$`), {
    message:
      'is no host name: write it in lower case, such as shop.example.com, without scheme, port and path, and no IP address',
  })
  host!: string;

  @Description("Class of the Ingress: which controller serves it. The cluster's default class if left out.")
  @IsOptional()
  @IsString()
  @MinLength(1)
  @MaxLength(253)
  @Matches(SUBDOMAIN, { message: 'is no name of an IngressClass' })
  ingressClassName?: string;

  @Description(
    'Gateway that takes the requests: an HTTPRoute is made in place of an Ingress. The cluster needs the Gateway API.',
  )
  @IsOptional()
  @ValidateNested()
  @Type(() => GatewayReference)
  gateway?: GatewayReference;

  @Description('Annotations of the Ingress or HTTPRoute, as its controller reads them.')
  @IsOptional()
  @MapOf(ANNOTATIONS)
  annotations?: Record<string, string>;
}
