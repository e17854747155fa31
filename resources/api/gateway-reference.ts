import { IsOptional, IsString, Matches, MaxLength, MinLength } from 'class-validator';
import { Description } from '../../operator/schema/index.ts';
import { LABEL, SUBDOMAIN } from './rules/dns-name.ts';

/** A Gateway, or one listener of it. Rules as of Gateway API's own ParentReference and of object names. */
export class GatewayReference {
  @Description('Name of the Gateway.')
  @IsString()
  @MinLength(1)
  @MaxLength(253)
  @Matches(SUBDOMAIN, { message: 'is no name of a Gateway' })
  name!: string;

  @Description(
    "Namespace of the Gateway; that of the RestAPI if left out. The Gateway's allowedRoutes must let this one in.",
  )
  @IsOptional()
  @IsString()
  @MinLength(1)
  @MaxLength(63)
  @Matches(LABEL, { message: 'is no name of a namespace' })
  namespace?: string;

  @Description('Listener of the Gateway. All that take the host if left out.')
  @IsOptional()
  @IsString()
  @MinLength(1)
  @MaxLength(253)
  @Matches(SUBDOMAIN, { message: 'is no name of a listener' })
  sectionName?: string;
}
