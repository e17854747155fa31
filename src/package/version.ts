/** The operator's version, the same as in package.json (a test sees to that: a bundle has no package.json beside it). */
export const VERSION = '0.1.0';
