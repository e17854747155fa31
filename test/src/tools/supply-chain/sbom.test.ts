import { expect, test } from 'vitest';
import type { BundleContents } from '../../../../src/tools/supply-chain/bundle-contents.ts';
import type { Lockfile } from '../../../../src/tools/supply-chain/lockfile.ts';
import { type SbomComponent, sbom } from '../../../../src/tools/supply-chain/sbom.ts';
import { parseBom } from '../../../support/cyclonedx.ts';

const contents: BundleContents = {
  packages: [
    { name: '@scope/a', version: '1.0.0', license: 'MIT', folder: 'node_modules/@scope/a', imports: ['b@2.0.0'] },
    { name: 'b', version: '2.0.0', license: 'ISC', folder: 'node_modules/b', imports: [] },
  ],
  imports: ['@scope/a@1.0.0'],
};
const locked = (version: string, resolved: string) => ({
  version,
  resolved,
  integrity: `sha512-${Buffer.alloc(64, version).toString('base64')}`,
});
const lockfile: Lockfile = {
  packages: {
    'node_modules/@scope/a': locked('1.0.0', 'https://registry.npmjs.org/@scope/a/-/a-1.0.0.tgz'),
    'node_modules/b': locked('2.0.0', 'https://registry.npmjs.org/b/-/b-2.0.0.tgz'),
  },
};
const libc: SbomComponent = {
  type: 'library',
  'bom-ref': 'libc',
  name: 'libc6',
  version: '2.36',
  evidence: { occurrences: [{ location: '/lib/libc.so.6' }] },
};

test('it names the operator, each package with license and tarball, other components and who needs what', () => {
  const bom = parseBom(sbom({ version: '1.2.3', contents, lockfile, others: [libc], date: new Date(0) }));
  expect(bom.metadata).toMatchObject({
    timestamp: '1970-01-01T00:00:00.000Z',
    component: { name: 'restapi-operator', version: '1.2.3', purl: 'pkg:npm/restapi-operator@1.2.3' },
  });
  expect(bom.components).toEqual([
    {
      type: 'library',
      'bom-ref': '@scope/a@1.0.0',
      group: '@scope',
      name: 'a',
      version: '1.0.0',
      licenses: [{ license: { id: 'MIT' } }],
      purl: 'pkg:npm/%40scope/a@1.0.0',
      externalReferences: [
        {
          type: 'distribution',
          url: 'https://registry.npmjs.org/@scope/a/-/a-1.0.0.tgz',
          hashes: [{ alg: 'SHA-512', content: Buffer.alloc(64, '1.0.0').toString('hex') }],
        },
      ],
    },
    expect.objectContaining({ name: 'b', purl: 'pkg:npm/b@2.0.0' }),
    libc,
  ]);
  expect(bom.dependencies).toEqual([
    { ref: 'restapi-operator', dependsOn: ['@scope/a@1.0.0', 'libc'] },
    { ref: '@scope/a@1.0.0', dependsOn: ['b@2.0.0'] },
    { ref: 'b@2.0.0', dependsOn: [] },
    { ref: 'libc' },
  ]);
});

test('the same content has the same serial number, other content another one', () => {
  const serial = (version: string) => parseBom(sbom({ version, contents, lockfile })).serialNumber;
  expect(serial('1.2.3')).toBe(serial('1.2.3'));
  expect(serial('1.2.3')).not.toBe(serial('1.2.4'));
  expect(serial('1.2.3')).toMatch(/^urn:uuid:[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
});

test('without a date it has no time, which would differ between builds', () => {
  expect(parseBom(sbom({ version: '1.2.3', contents, lockfile })).metadata).not.toHaveProperty('timestamp');
});

test.each<[string, Lockfile['packages'][string] | undefined]>([
  ['another version of a package', locked('2.0.1', 'https://registry.npmjs.org/b/-/b-2.0.1.tgz')],
  ['no entry for a package', undefined],
  ['an entry without a hash', { version: '2.0.0', resolved: 'https://registry.npmjs.org/b/-/b-2.0.0.tgz' }],
])('it is refused if the lockfile has %s', (_, entry) => {
  const packages = { ...lockfile.packages, ...(entry && { 'node_modules/b': entry }) };
  if (!entry) delete packages['node_modules/b'];
  const refused = () => sbom({ version: '1.2.3', contents, lockfile: { packages } });
  expect(refused).toThrow(/^package-lock\.json has .* node_modules\/b, installed is 2\.0\.0, .*: run "npm ci"$/);
});
