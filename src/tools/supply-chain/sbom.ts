import { createHash } from 'node:crypto';
import type { BundleContents, BundledPackage } from './bundle-contents.ts';
import { type Lockfile, lockedOrigin } from './lockfile.ts';

/** A component of a CycloneDX document, with those of its fields that are used here. */
export interface SbomComponent {
  type: 'application' | 'file' | 'library' | 'platform';
  'bom-ref': string;
  group?: string;
  name: string;
  version?: string;
  hashes?: SbomHash[];
  licenses?: { license: { id: string } }[];
  purl?: string;
  cpe?: string;
  externalReferences?: { type: 'distribution'; url: string; hashes: SbomHash[] }[];
  /** Where its files are in the image. */
  evidence?: { occurrences: { location: string }[] };
}

interface SbomHash {
  alg: 'SHA-256' | 'SHA-512';
  content: string;
}

export interface SbomOptions {
  /** Of the operator. */
  version: string;
  contents: BundleContents;
  lockfile: Lockfile;
  /** Of an image: the runtime, the libraries and other files in it. */
  others?: readonly SbomComponent[];
  /** Without it the document has no time. */
  date?: Date | undefined;
}

/**
 * Returns a software bill of materials as CycloneDX 1.6 JSON: of the operator's bundle, and with `others` of an image. It lists what
 * the bundle contains, not what is installed. The same input gives the same bytes.
 *
 * @throws Error if the lockfile does not have one of the packages
 */
export function sbom({ version, contents, lockfile, others = [], date }: SbomOptions): string {
  const operator: SbomComponent = {
    type: 'application',
    'bom-ref': 'restapi-operator',
    name: 'restapi-operator',
    version,
    licenses: [{ license: { id: 'Apache-2.0' } }],
    purl: npmPurl('restapi-operator', version),
  };
  const packages = contents.packages.map((one) => npmComponent(one, lockfile));
  const otherRefs = others.map((one) => one['bom-ref']);
  const document = {
    version: 1,
    metadata: {
      ...(date && { timestamp: date.toISOString() }),
      lifecycles: [{ phase: 'build' }],
      component: operator,
    },
    components: [...packages, ...others],
    dependencies: [
      { ref: operator['bom-ref'], dependsOn: [...contents.imports, ...otherRefs] },
      ...contents.packages.map((one) => ({ ref: `${one.name}@${one.version}`, dependsOn: one.imports })),
      ...otherRefs.map((ref) => ({ ref })),
    ],
  };
  const head = {
    $schema: 'http://cyclonedx.org/schema/bom-1.6.schema.json',
    bomFormat: 'CycloneDX',
    specVersion: '1.6',
    serialNumber: `urn:uuid:${contentUuid(JSON.stringify(document))}`,
  };
  return `${JSON.stringify({ ...head, ...document }, undefined, 2)}\n`;
}

function npmComponent({ name, version, license, folder }: BundledPackage, lockfile: Lockfile): SbomComponent {
  const [scope, bare] = name.startsWith('@') ? name.split('/') : [undefined, name];
  return {
    type: 'library',
    'bom-ref': `${name}@${version}`,
    ...(scope && { group: scope }),
    name: bare as string,
    version,
    licenses: [{ license: { id: license } }],
    purl: npmPurl(name, version),
    externalReferences: [distribution(lockfile, folder, version)],
  };
}

/** The tarball that a package was installed from, with its hash. @throws Error if the lockfile does not have it */
export function distribution(lockfile: Lockfile, folder: string, version: string) {
  const { url, sha512 } = lockedOrigin(lockfile, folder, version);
  return { type: 'distribution' as const, url, hashes: [{ alg: 'SHA-512' as const, content: sha512 }] };
}

function npmPurl(name: string, version: string): string {
  return `pkg:npm/${name.replace('@', '%40')}@${encodeURIComponent(version)}`;
}

/** A UUID (version 8) made from content, so that the same content has the same one. */
function contentUuid(content: string): string {
  const hex = createHash('sha256').update(content).digest('hex');
  const variant = ((Number.parseInt(hex.charAt(16), 16) & 0x3) | 0x8).toString(16);
  return [
    hex.slice(0, 8),
    hex.slice(8, 12),
    `8${hex.slice(13, 16)}`,
    variant + hex.slice(17, 20),
    hex.slice(20, 32),
  ].join('-');
}
