import { SUBDOMAIN } from './dns-name.ts';

/** What Secrets, ConfigMaps and ServiceAccounts may be called: a DNS subdomain. */
export const OBJECT_NAME = SUBDOMAIN;
export const OBJECT_NAME_MAX_LENGTH = 253;
export const OBJECT_NAME_MESSAGE =
  'is no name of an object: use a-z, 0-9, "-" and ".", and begin and end with a letter or digit';
