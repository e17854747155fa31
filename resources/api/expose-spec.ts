import { Type } from 'class-transformer';
import { IsOptional, IsString, Matches, MaxLength, MinLength, ValidateNested } from 'class-validator';
import { Cel, type CelRule, Description, MapOf } from '../../operator/schema/index.ts';
import { GatewayReference } from './gateway-reference.ts';
import { PART, SUBDOMAIN } from './rules/dns-name.ts';
import { ANNOTATIONS } from './rules/label-rules.ts';

const oneWay: CelRule<ExposeSpec> = {
  rule: '!has(self.ingressClassName) || !has(self.gateway)',
  message: 'applies to an Ingress, but gateway creates an HTTPRoute instead: remove ingressClassName or gateway',
  fieldPath: '.ingressClassName',
  check: ({ ingressClassName, gateway }) => ingressClassName === undefined || gateway === undefined,
};

/** Exposes a component outside the cluster by an Ingress, or by an HTTPRoute of a Gateway. */
@Cel(oneWay)
export class ExposeSpec {
  @Description('Host name, such as shop.example.com. *.example.com matches all subdomains of one level.')
  @IsString()
  @MinLength(1)
  @MaxLength(253)
  @Matches(new RegExp(`^(\\*\\.)?(${PART}\\.)*[a-z]([-a-z0-9]*[a-z0-9])?$`), {
    message:
      'is not a valid host name: use lower case, without scheme, port or path, such as shop.example.com; IP addresses are not allowed',
  })
  host!: string;

  @Description('IngressClass. Defaults to that of the cluster.')
  @IsOptional()
  @IsString()
  @MinLength(1)
  @MaxLength(253)
  @Matches(SUBDOMAIN, { message: 'is not a valid IngressClass name' })
  ingressClassName?: string;

  @Description(
    'Gateway to attach to. Creates an HTTPRoute instead of an Ingress. Requires the Gateway API in the cluster.',
  )
  @IsOptional()
  @ValidateNested()
  @Type(() => GatewayReference)
  gateway?: GatewayReference;

  @Description('Annotations of the Ingress or HTTPRoute.')
  @IsOptional()
  @MapOf(ANNOTATIONS)
  annotations?: Record<string, string>;
}
