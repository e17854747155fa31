/**
 * SPDX ids of the licenses that bundled packages may have: those that ask for their text and copyright to be passed on, and for no
 * more. Check what a license asks for before you add it.
 */
export const ALLOWED_LICENSES: readonly string[] = [
  '0BSD',
  'Apache-2.0',
  'BSD-2-Clause',
  'BSD-3-Clause',
  'BlueOak-1.0.0',
  'ISC',
  'MIT',
  'Unlicense',
];

/** Checks the license of a package. @throws Error naming the package if the license is missing or not allowed */
export function requireAllowedLicense(name: string, version: string, license: unknown): asserts license is string {
  if (typeof license === 'string' && ALLOWED_LICENSES.includes(license)) return;
  const found = license === undefined ? 'no license' : `the license ${JSON.stringify(license)}`;
  throw new Error(
    `${name} ${version} in the bundle has ${found} in its package.json; allowed are ${ALLOWED_LICENSES.join(', ')}. ` +
      'Replace the package, or add its license to src/tools/supply-chain/allowed-licenses.ts if it may be bundled.',
  );
}
