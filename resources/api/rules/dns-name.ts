/** Pattern source of one DNS label, for use in larger patterns. */
export const PART = '[a-z0-9]([-a-z0-9]*[a-z0-9])?';

/** A DNS label (RFC 1123), such as the name of a namespace. The maximum of 63 characters is checked separately. */
export const LABEL = new RegExp(`^${PART}$`);

/**
 * A DNS subdomain (RFC 1123), such as the names of most objects. The maximum of 253 characters is checked separately.
 */
export const SUBDOMAIN = new RegExp(`^${PART}(\\.${PART})*$`);
