import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Ajv } from 'ajv';
import formats from 'ajv-formats';
import { packageRoot } from '../../src/package/package-root.ts';
import type { SbomComponent } from '../../src/tools/supply-chain/sbom.ts';

/** A CycloneDX document. */
export interface Bom {
  serialNumber: string;
  metadata: { timestamp?: string; component: SbomComponent };
  components: SbomComponent[];
  dependencies: { ref: string; dependsOn?: string[] }[];
}

/** Reads a CycloneDX 1.6 document. @throws Error naming what does not match the official schema, or a reference to nothing */
export function parseBom(text: string): Bom {
  const document = JSON.parse(text) as Bom;
  if (!validate(document)) throw new Error(`not CycloneDX 1.6: ${JSON.stringify(validate.errors?.slice(0, 5))}`);
  const refs = [document.metadata.component, ...document.components].map((one) => one['bom-ref']);
  const used = document.dependencies.flatMap(({ ref, dependsOn = [] }) => [ref, ...dependsOn]);
  const unknown = used.filter((ref) => !refs.includes(ref));
  if (unknown.length > 0) throw new Error(`dependencies name components that do not exist: ${unknown}`);
  if (new Set(refs).size < refs.length) throw new Error(`a bom-ref is used twice: ${refs}`);
  return document;
}

const schemas = join(packageRoot(), 'node_modules', '@cyclonedx', 'cyclonedx-library', 'res', 'schema');
const schema = (name: string) => JSON.parse(readFileSync(join(schemas, `${name}.SNAPSHOT.schema.json`), 'utf8'));
const ajv = new Ajv({ strict: false, allErrors: true });
formats.default(ajv);
// There are no checks of these; no field that is used here has them.
for (const format of ['iri-reference', 'idn-email']) ajv.addFormat(format, true);
for (const name of ['spdx', 'jsf-0.82']) {
  ajv.addSchema(schema(name), `http://cyclonedx.org/schema/${name}.SNAPSHOT.schema.json`);
}
const validate = ajv.compile(schema('bom-1.6'));
