import 'reflect-metadata';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { stringify } from 'yaml';
import { crdYaml } from '../../operator/index.ts';
import { RestAPI } from '../../resources/index.ts';
import { packageRoot } from '../package/package-root.ts';
import { admissionPolicy } from './admission-policy.ts';
import { annotationsAndLabels } from './reference/annotations-and-labels.ts';

/** The files that are generated from the classes in `resources/`: paths within the package, and what they must hold. */
export function generatedFiles(): Record<string, string> {
  const note = (source: string) => `# Generated from ${source} by \`npm run generate\`. Do not edit.\n`;
  return {
    'crds/restapis.restapi.dev.yaml': note('the class RestAPI (resources/api/rest-api.ts)') + crdYaml(RestAPI),
    'kustomize/base/admission-policy.yaml':
      note('src/tools/admission-policy.ts') +
      admissionPolicy()
        .map((object) => stringify(object, { lineWidth: 0, compat: 'yaml-1.1' }))
        .join('---\n'),
    'docs/reference/annotations-and-labels.md': annotationsAndLabels(),
  };
}

if (import.meta.main) {
  for (const [path, text] of Object.entries(generatedFiles())) await writeFile(join(packageRoot(), path), text);
}
