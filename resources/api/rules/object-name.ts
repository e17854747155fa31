import { SUBDOMAIN } from './dns-name.ts';

/** Valid names of Secrets, ConfigMaps and ServiceAccounts: DNS subdomains. */
export const OBJECT_NAME = SUBDOMAIN;
export const OBJECT_NAME_MAX_LENGTH = 253;
export const OBJECT_NAME_MESSAGE =
  'is not a valid object name: use a-z, 0-9, "-" and ".", and start and end with a letter or digit';
