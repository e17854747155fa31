import 'reflect-metadata';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { crdYaml } from '../operator/index.ts';
import { RestAPI } from '../resources/index.ts';
import { packageRoot } from './package-root.ts';

const HEADER = '# Generated from the class RestAPI (resources/rest-api.ts) by `npm run generate`. Do not edit.\n';

/** The text that crds/restapis.restapi.dev.yaml must have. */
export function crdFile(): string {
  return HEADER + crdYaml(RestAPI);
}

if (import.meta.main) {
  const { values } = parseArgs({ options: { check: { type: 'boolean', default: false } } });
  const path = join(packageRoot(), 'crds', 'restapis.restapi.dev.yaml');
  if (!values.check) {
    await writeFile(path, crdFile());
  } else if ((await readFile(path, 'utf8').catch(() => '')) !== crdFile()) {
    console.error(`${path} is not what the class RestAPI says: run "npm run generate" and commit the file`);
    process.exitCode = 1;
  }
}
