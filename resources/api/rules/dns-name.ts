/** Source of one label within larger patterns. */
export const PART = '[a-z0-9]([-a-z0-9]*[a-z0-9])?';

/** A DNS label, as namespaces are named (RFC 1123); at most 63 characters, which is checked apart. */
export const LABEL = new RegExp(`^${PART}$`);

/** DNS labels with dots in between, as most objects are named (RFC 1123); at most 253 characters, which is checked apart. */
export const SUBDOMAIN = new RegExp(`^${PART}(\\.${PART})*$`);
