/** Version of the package, as in package.json (a test compares them), which the bundle lacks. */
export const VERSION = '0.1.0';
