import { IsOptional, IsString, Matches, MaxLength, MinLength } from 'class-validator';
import { Description } from '../../operator/schema/index.ts';
import { LABEL, SUBDOMAIN } from './rules/dns-name.ts';

/** A Gateway or one of its listeners. Same rules as ParentReference of the Gateway API. */
export class GatewayReference {
  @Description('Name of the Gateway.')
  @IsString()
  @MinLength(1)
  @MaxLength(253)
  @Matches(SUBDOMAIN, { message: 'is not a valid Gateway name' })
  name!: string;

  @Description(
    "Namespace of the Gateway. Defaults to the namespace of the RestAPI. The Gateway's allowedRoutes must allow routes of that namespace.",
  )
  @IsOptional()
  @IsString()
  @MinLength(1)
  @MaxLength(63)
  @Matches(LABEL, { message: 'is not a valid namespace name' })
  namespace?: string;

  @Description('Listener of the Gateway. Defaults to all listeners that accept the host.')
  @IsOptional()
  @IsString()
  @MinLength(1)
  @MaxLength(253)
  @Matches(SUBDOMAIN, { message: 'is not a valid listener name' })
  sectionName?: string;
}
